"""Tiny seeded models of the published decoders, with transformers' logits and greedy generations.

One case for each architecture and each setting of its configuration that changes what is computed.
Where a setting is said to matter ("differs_from"), the script checks that it does, so that the
tests that read the fixture can fail. Writes core/src/test/resources/dev/slipway/model/open-models.zip:
cases.json, logits/NAME.bin (float32, (T, V)), and the model's files, each stored once by its hash.

Beside it a folder with a tokenizer, published/llama, and what transformers makes of a text with it.

    python reference/open_models.py
"""

import hashlib
import io
import json
import pathlib
import re
import shutil
import tempfile
import zipfile
import zlib

import numpy as np
import tokenizers
import torch
import transformers
from safetensors.torch import load_file, save_file

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/model/open-models.zip"
FOLDER = OUT.parent / "published/llama"
TEXT = "the tide turns  the hull\r\nand\tthe İstanbul ship \u00e9 \u6f6e \U0001f6a2 \n"
VOCABULARY, LENGTH, PROMPT, NEW = 48, 40, 9, 24
IDS = torch.tensor([[(7 * i * i + 3 * i + 5) % VOCABULARY for i in range(LENGTH)]])

torch.manual_seed(1)
torch.set_num_threads(2)


def seed(model):
    """Values by name and shape alone, so that models that have the same parameters share a file.
    Larger than at the start of a training, so that every part of the network tells. They fit into
    bfloat16, which halves the file."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name or ".ln_" in name:
                if name.endswith("bias"):
                    value = 0.2 * noise
                else:
                    zero_centred = type(model).__name__.startswith("Gemma")
                    value = 0.3 * noise + (0 if zero_centred else 1)
            elif name.endswith("bias"):
                value = 0.3 * noise
            elif "embed_tokens" in name or "wte" in name or "wpe" in name:
                value = 0.7 * noise
            else:
                value = 0.25 * noise
            parameter.copy_(value.to(torch.bfloat16).to(torch.float32))


def gap(logits):
    top = logits.topk(2, dim=-1).values
    return (top[..., 0] - top[..., 1]).min().item()


class Cases:
    def __init__(self):
        self.cases, self.files, self.logits = [], {}, {}

    def add(self, name, config, differs_from=None, dtype=None, shard=None, rewrite=None, length=LENGTH):
        """Saves a model, opens it again as transformers would, and keeps what it gives.

        rewrite: changes the saved folder into another spelling of the same."""
        model = transformers.AutoModelForCausalLM.from_config(config)
        seed(model)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            if dtype:
                model = model.to(dtype)
            model.generation_config.eos_token_id = None
            model.save_pretrained(folder, max_shard_size=shard or "1GB")
            if rewrite:
                rewrite(folder)
            model, info = transformers.AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
            )
            assert not info["missing_keys"] and not info["mismatched_keys"], (name, info)
            model.eval()
            with torch.no_grad():
                logits = model(IDS[:, :length]).logits[0].float()
                # A fresh one, since some rotary embeddings remember the longest sequence.
                model = transformers.AutoModelForCausalLM.from_pretrained(
                    folder, dtype=torch.float32, attn_implementation="eager"
                ).eval()
                out = model.generate(
                    IDS[:, :PROMPT],
                    attention_mask=torch.ones(1, PROMPT, dtype=torch.long),
                    do_sample=False,
                    max_new_tokens=NEW,
                    eos_token_id=None,
                    pad_token_id=0,
                    output_logits=True,
                    return_dict_in_generate=True,
                )
            margin = gap(torch.cat(out.logits))
            assert margin > 1e-3, f"{name}: greedy generation hangs on {margin}"
            if differs_from:
                other = self.logits[differs_from]
                n = min(len(other), len(logits))
                difference = (logits[:n] - other[:n]).abs().max().item()
                assert difference > 1e-3, f"{name} equals {differs_from} but for {difference}"
            self.logits[name] = logits
            files = {}
            for file in sorted(folder.iterdir()):
                content = file.read_bytes()
                key = hashlib.sha256(content).hexdigest()[:16]
                self.files[key] = content
                files[file.name] = key
            self.cases.append(
                {
                    "name": name,
                    "files": files,
                    "ids": IDS[0, :length].tolist(),
                    "prompt": IDS[0, :PROMPT].tolist(),
                    "greedy": out.sequences[0, PROMPT:].tolist(),
                }
            )
            print(f"{name:32} |logits| {logits.abs().mean():.2f}  margin {margin:.4f}")

    def write(self):
        OUT.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

            def put(name, content):
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)

            put("cases.json", json.dumps(self.cases, indent=1))
            for name, logits in self.logits.items():
                put(f"logits/{name}.bin", logits.numpy().astype("<f4").tobytes())
            for key, content in sorted(self.files.items()):
                put(f"files/{key}", content)
        print(f"{len(self.cases)} cases, {len(self.files)} files, {OUT.stat().st_size} bytes")


def edit(folder, change, file="config.json"):
    path = folder / file
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, indent=2))


def rename(folder, change, drop=lambda name: False, more=None):
    path = folder / "model.safetensors"
    tensors = {change(name): tensor for name, tensor in load_file(path).items() if not drop(name)}
    tensors.update(more or {})
    save_file(tensors, path, metadata={"format": "pt"})


BASE = dict(
    vocab_size=VOCABULARY,
    hidden_size=32,
    intermediate_size=40,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
    tie_word_embeddings=False,
)


def rope(kind, theta=10000.0, **more):
    return {"rope_type": kind, "rope_theta": theta, **more}


def llama(cases):
    def config(**more):
        return transformers.LlamaConfig(**{**BASE, **more})

    def add(name, differs_from="llama", **settings):
        options = {key: settings.pop(key) for key in ("dtype", "shard", "rewrite", "length") if key in settings}
        cases.add(name, config(**settings), differs_from, **options)

    add("llama", None)
    add("llama-tied", tie_word_embeddings=True)
    add("llama-attention-bias", attention_bias=True)
    add("llama-mlp-bias", mlp_bias=True)
    add("llama-heads", num_key_value_heads=4)
    add("llama-one-key-head", num_key_value_heads=1)
    add("llama-head-dim", head_dim=12)
    add("llama-theta", rope_parameters=rope("default", 500.0))
    add("llama-eps", rms_norm_eps=0.1)
    for activation in ("gelu", "gelu_pytorch_tanh", "quick_gelu", "relu", "relu2", "tanh", "sigmoid", "mish",
                       "leaky_relu", "hardswish", "relu6", "linear"):
        add(f"llama-act-{activation}", hidden_act=activation)
    add("llama-linear", rope_parameters=rope("linear", factor=3.0))
    # Beyond max_position_embeddings from position 20 on.
    add("llama-dynamic", rope_parameters=rope("dynamic", factor=4.0), max_position_embeddings=20)
    add("llama-dynamic-within", None, rope_parameters=rope("dynamic", factor=4.0))
    add(
        "llama-llama3",
        rope_parameters=rope(
            "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16
        ),
    )

    def yarn(**more):
        return dict(
            head_dim=16,
            rope_parameters=rope("yarn", 100.0, factor=4.0, original_max_position_embeddings=32, **more),
        )

    add("llama-yarn", "llama", **yarn())
    add("llama-yarn-attention", "llama-yarn", **yarn(attention_factor=1.5))
    add("llama-yarn-betas", "llama-yarn", **yarn(beta_fast=3.0, beta_slow=2.0))
    add("llama-yarn-mscale", "llama-yarn", **yarn(mscale=2.0, mscale_all_dim=1.0))
    add("llama-yarn-untruncated", "llama-yarn", **yarn(truncate=False))
    longrope = dict(
        short_factor=[1.0, 1.2, 1.5, 2.0], long_factor=[2.0, 3.0, 4.0, 6.0], original_max_position_embeddings=16
    )
    add("llama-longrope", rope_parameters=rope("longrope", factor=4.0, **longrope))
    add("llama-longrope-short", rope_parameters=rope("longrope", factor=4.0, **longrope), length=14)
    add(
        "llama-longrope-attention",
        "llama-longrope",
        rope_parameters=rope("longrope", factor=4.0, attention_factor=1.7, **longrope),
    )

    # The same in other spellings and storage.
    def old_rope(document):
        document.pop("rope_parameters")
        document["rope_theta"] = 500.0
        document["rope_scaling"] = {"type": "linear", "factor": 3.0}
        document["torch_dtype"] = document.pop("dtype")

    def old_yarn(document):
        document.pop("rope_parameters")
        document["rope_theta"] = 10000.0
        document["rope_scaling"] = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}

    add("llama-old-spelling", rewrite=lambda folder: edit(folder, old_rope))
    add("llama-old-yarn", rewrite=lambda folder: edit(folder, old_yarn))
    add("llama-bf16", None, dtype=torch.bfloat16)
    add("llama-fp16", None, dtype=torch.float16)
    add("llama-sharded", None, shard="40KB")
    add(
        "llama-old-names",
        None,
        rewrite=lambda folder: rename(
            folder,
            lambda name: name,
            more={f"model.layers.{i}.self_attn.rotary_emb.inv_freq": torch.ones(4) for i in range(2)},
        ),
    )
    add(
        "llama-tied-head-only",
        "llama",
        tie_word_embeddings=True,
        rewrite=lambda folder: rename(
            folder, lambda name: "lm_head.weight" if name == "model.embed_tokens.weight" else name
        ),
    )
    add(
        "llama-tied-base-only",
        "llama",
        tie_word_embeddings=True,
        rewrite=lambda folder: rename(folder, lambda name: name.removeprefix("model.")),
    )


def adder(cases, kind, base, name_of_base):
    def add(name, differs_from=name_of_base, **settings):
        options = {key: settings.pop(key) for key in ("dtype", "shard", "rewrite", "length") if key in settings}
        cases.add(name, kind(**{**base, **settings}), differs_from, **options)

    return add


def gpt2(cases):
    base = dict(
        vocab_size=VOCABULARY, n_positions=64, n_embd=32, n_layer=2, n_head=4, n_inner=40, bos_token_id=1,
        eos_token_id=2, pad_token_id=0,
    )
    add = adder(cases, transformers.GPT2Config, base, "gpt2")
    add("gpt2", None)
    add("gpt2-untied", tie_word_embeddings=False)
    add("gpt2-inner", n_inner=None)
    for activation in ("gelu", "relu", "silu", "tanh"):
        add(f"gpt2-act-{activation}", activation_function=activation)
    add("gpt2-unscaled", scale_attn_weights=False)
    add("gpt2-scaled-by-layer", scale_attn_by_inverse_layer_idx=True)
    add("gpt2-upcast", None, reorder_and_upcast_attn=True)
    add("gpt2-upcast-by-layer", reorder_and_upcast_attn=True, scale_attn_by_inverse_layer_idx=True)
    add("gpt2-eps", layer_norm_epsilon=0.3)
    masks = {}
    for i in range(2):
        masks[f"h.{i}.attn.bias"] = torch.tril(torch.ones(1, 1, 64, 64)).to(torch.uint8)
        masks[f"h.{i}.attn.masked_bias"] = torch.tensor(-1e4)
    add(
        "gpt2-old-names",
        None,
        rewrite=lambda folder: rename(folder, lambda name: name.removeprefix("transformer."), more=masks),
    )

    def head_again(folder):
        wte = load_file(folder / "model.safetensors")["transformer.wte.weight"]
        rename(folder, lambda name: name, more={"lm_head.weight": wte.clone()})

    add("gpt2-head-stored-twice", None, rewrite=head_again)
    add(
        "gpt2-tied-in-name-only",
        rewrite=lambda folder: rename(
            folder, lambda name: name, more={"lm_head.weight": torch.arange(48 * 32).view(48, 32).sin()}
        ),
    )


def mistral(cases):
    add = adder(cases, transformers.MistralConfig, {**BASE, "sliding_window": None}, "mistral")
    add("mistral", None)
    add("mistral-window", sliding_window=6)
    add("mistral-head-dim", head_dim=12)
    add("mistral-tied", tie_word_embeddings=True)
    add("mistral-yarn", rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=16))


def qwen2(cases):
    add = adder(cases, transformers.Qwen2Config, BASE, "qwen2")
    add("qwen2", None)
    add("qwen2-tied", tie_word_embeddings=True)
    add("qwen2-window", use_sliding_window=True, sliding_window=6, max_window_layers=1)
    add("qwen2-window-all", "qwen2-window", use_sliding_window=True, sliding_window=6, max_window_layers=0)
    add("qwen2-window-unused", None, use_sliding_window=False, sliding_window=6, max_window_layers=0)
    add(
        "qwen2-layer-types",
        "qwen2-window",
        use_sliding_window=True,
        sliding_window=6,
        layer_types=["sliding_attention", "full_attention"],
    )
    add(
        "qwen2-old-window",
        "qwen2",
        use_sliding_window=True,
        sliding_window=6,
        max_window_layers=1,
        rewrite=lambda folder: edit(folder, lambda document: document.pop("layer_types")),
    )
    add("qwen2-yarn", rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=16))


def qwen3(cases):
    add = adder(cases, transformers.Qwen3Config, {**BASE, "head_dim": 8}, "qwen3")
    add("qwen3", None)
    add("qwen3-tied", tie_word_embeddings=True)
    add("qwen3-head-dim", head_dim=12)
    add("qwen3-attention-bias", attention_bias=True)
    add("qwen3-window", use_sliding_window=True, sliding_window=6, max_window_layers=1)
    add("qwen3-yarn", rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=16))


def qwen3_moe(cases):
    base = {
        **BASE,
        "head_dim": 8,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 12,
    }
    add = adder(cases, transformers.Qwen3MoeConfig, base, "qwen3-moe")
    add("qwen3-moe", None)
    add("qwen3-moe-tied", tie_word_embeddings=True)
    add("qwen3-moe-normalised", norm_topk_prob=True)
    add("qwen3-moe-one", num_experts_per_tok=1)
    add("qwen3-moe-mlp-only", mlp_only_layers=[1])
    add("qwen3-moe-sparse-step", decoder_sparse_step=2)
    add("qwen3-moe-no-experts", num_experts=0)
    add("qwen3-moe-attention-bias", attention_bias=True)
    add("qwen3-moe-window", use_sliding_window=True, sliding_window=6)
    add("qwen3-moe-gelu", hidden_act="gelu")


def gemma3(cases):
    base = {
        **BASE,
        "num_hidden_layers": 3,
        "head_dim": 8,
        "query_pre_attn_scalar": 8,
        "sliding_window": 6,
        "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
    }
    add = adder(cases, transformers.Gemma3TextConfig, base, "gemma3")
    add("gemma3", None)
    add("gemma3-tied", tie_word_embeddings=True)
    add("gemma3-scalar", query_pre_attn_scalar=20)
    add("gemma3-softcap", final_logit_softcapping=3.0)
    add("gemma3-attention-softcap", None, attn_logit_softcapping=0.5)
    add("gemma3-attention-bias", attention_bias=True)
    add("gemma3-layer-types", layer_types=["full_attention", "sliding_attention", "full_attention"])
    add("gemma3-window", sliding_window=3)
    add("gemma3-relu", hidden_activation="relu")
    add(
        "gemma3-rope",
        rope_parameters={
            "full_attention": rope("linear", 5000.0, factor=4.0),
            "sliding_attention": rope("default", 100.0),
        },
    )

    def old(document):
        document.pop("rope_parameters")
        document.pop("layer_types")
        document["sliding_window_pattern"] = 2
        document["rope_theta"] = 5000.0
        document["rope_local_base_freq"] = 100.0
        document["rope_scaling"] = {"rope_type": "linear", "factor": 4.0}

    add("gemma3-old-spelling", rewrite=lambda folder: edit(folder, old))


def byte_fallback_tokenizer():
    """As Llama 2's: pieces with bytes for what they lack, <s> before each text."""
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += ["\u2581", *"thehulandtirsp", "\u2581t", "he", "\u2581the", "\u2581h", "nd"]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    merges = [("\u2581", "t"), ("h", "e"), ("\u2581t", "he"), ("\u2581", "h"), ("n", "d")]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    )
    replace = tokenizers.normalizers.Replace
    tokenizer.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.Prepend("\u2581"), replace(" ", "\u2581")]
    )
    decoders = tokenizers.decoders
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )


def published():
    """A folder with everything, stored in bfloat16, whose answers end on the second of two tokens."""
    tokenizer = byte_fallback_tokenizer()
    settings = {**BASE, "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 24, "eos_token_id": 2}
    model = transformers.AutoModelForCausalLM.from_config(
        transformers.LlamaConfig(**settings), attn_implementation="eager"
    )
    seed(model)
    with torch.no_grad():
        model.lm_head.weight[3:259] *= 0.125  # bytes come seldom, so that answers are texts
    shutil.rmtree(FOLDER, ignore_errors=True)

    def greedy(prompt, eos):
        inputs = tokenizer(prompt, return_tensors="pt")
        out = model.generate(**inputs, do_sample=False, max_new_tokens=20, eos_token_id=eos, pad_token_id=0)
        return out[0, inputs.input_ids.shape[1] :].tolist()

    for prompt in ("the hull", "the tide", "a ship", "land", "turn", "sand", "the third", "pair", "hut"):
        free = greedy(prompt, None)
        ends = [id for i, id in enumerate(free) if i >= 4 and id not in free[:i] and id > 258]
        if ends and 2 not in free and min(free) > 258:
            break
    end = ends[0]
    answer = greedy(prompt, [2, end])
    assert answer[-1] == end and 4 < len(answer) < 20
    model.generation_config.eos_token_id = [2, end]
    ids = tokenizer(TEXT, return_tensors="pt").input_ids
    with torch.no_grad():
        logprobs = model(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
    model.to(torch.bfloat16).save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)
    nll = -logprobs.sum().item()
    expected = {
        "text": TEXT,
        "ids": ids[0].tolist(),
        "logprobs": [round(value, 6) for value in logprobs.tolist()],
        "nll_per_token": nll / len(logprobs),
        "perplexity": float(np.exp(nll / len(logprobs))),
        "bits_per_byte": nll / np.log(2) / len(TEXT.encode()),
        "prompt": prompt,
        "prompt_ids": tokenizer(prompt).input_ids,
        "answer_ids": answer[:-1],
        "answer": tokenizer.decode(answer[:-1], skip_special_tokens=True),
    }
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(f"{FOLDER}: {expected['answer']!r} ends on {end}")


if __name__ == "__main__":
    published()
    all_cases = Cases()
    for architecture in (llama, gpt2, mistral, qwen2, qwen3, qwen3_moe, gemma3):
        architecture(all_cases)
    all_cases.write()
