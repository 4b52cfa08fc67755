"""Writes LoRA adapters as PEFT saves them, of kinds that are more than equal matrices beside projections, and the logits
that PEFT gives with each, as core/src/test/resources/dev/slipway/tune/peft-folders.zip.

Run: python reference/peft_folders.py (with reference/requirements.txt installed)
"""

import io
import json
import pathlib
import tempfile
import zipfile

import torch
from peft import AdaLoraConfig, LoraConfig, PeftModel, PromptEncoderConfig, get_peft_model
from transformers import (AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, Qwen2Config,
                          Qwen2ForCausalLM, Qwen3MoeConfig, Qwen3MoeForCausalLM)

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/tune/peft-folders.zip"
VOCABULARY = 40
IDS = [(5 * i * i + 3 * i + 7) % VOCABULARY for i in range(14)]
SIZES = dict(vocab_size=VOCABULARY, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
             num_key_value_heads=1, max_position_embeddings=32, initializer_range=0.4)
BASES = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SIZES, tie_word_embeddings=False)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SIZES, tie_word_embeddings=True)),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_embd=8, n_layer=2, n_head=2, n_positions=32,
                                               initializer_range=0.4)),
    "moe": lambda: Qwen3MoeForCausalLM(Qwen3MoeConfig(**SIZES, head_dim=4, num_experts=3, num_experts_per_tok=2,
                                                      moe_intermediate_size=6, tie_word_embeddings=True)),
}


def lora(**options):
    return LoraConfig(**{**dict(task_type="CAUSAL_LM", r=3, lora_alpha=5), **options})


CASES = {
    "patterns": ("llama", lora(target_modules=["q_proj", "v_proj", "up_proj"], use_rslora=True,
                               rank_pattern={"layers.1.self_attn.q_proj": 2, ".*up_proj": 4},
                               alpha_pattern={"v_proj": 9, r"^model\.layers\.0\.mlp\.up_proj": 2})),
    "patterns-dora": ("gpt2", lora(target_modules=["c_attn", "c_fc"], fan_in_fan_out=True, use_dora=True,
                                   rank_pattern={"c_fc": 2})),
    "bias-all": ("qwen2", lora(bias="all", target_modules=["q_proj", "o_proj"])),
    "bias-lora-only": ("gpt2", lora(bias="lora_only", target_modules=["c_attn", "c_proj"], fan_in_fan_out=True)),
    "lora-bias": ("gpt2", lora(lora_bias=True, target_modules=["c_attn"], fan_in_fan_out=True)),
    "embedding-saved-tied": ("qwen2", lora(target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "embedding-saved-tying": ("qwen2", lora(target_modules=["q_proj"], modules_to_save=["embed_tokens"],
                                            ensure_weight_tying=True)),
    "embedding-and-head": ("llama", lora(target_modules=["embed_tokens", "lm_head", "q_proj"])),
    "embedding-tied": ("qwen2", lora(target_modules=["embed_tokens", "q_proj"])),
    "norms-saved": ("llama", lora(target_modules=["q_proj"], modules_to_save=["norm"])),
    "tokens": ("llama", lora(target_modules=["q_proj"], trainable_token_indices=[1, 7, 30])),
    "tokens-tied": ("qwen2", lora(target_modules=["q_proj"], trainable_token_indices={"embed_tokens": [7, 2]})),
    "excluded": ("llama", lora(target_modules="all-linear", exclude_modules=["down_proj"])),
    "layers": ("gpt2", lora(target_modules=["c_attn"], fan_in_fan_out=True, layers_to_transform=1, layers_pattern="h")),
    "p-tuning": ("llama", PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=4, encoder_hidden_size=6)),
    "adalora-target-above-first": ("llama", AdaLoraConfig(task_type="CAUSAL_LM", total_step=10, init_r=3, target_r=8,
                                                          target_modules=["q_proj"])),
    "experts": ("moe", lora(target_modules=["q_proj"], alpha_pattern={".*experts.down_proj": 9}, target_parameters=[
        "mlp.experts.down_proj", "mlp.experts.gate_up_proj"])),
    "experts-one": ("moe", lora(target_modules=[], use_rslora=True, target_parameters=["experts.gate_up_proj"])),
    "experts-and-router": ("moe", lora(target_modules="all-linear", target_parameters=[
        "gate.weight", "experts.gate_up_proj", "layers.1.mlp.experts.down_proj"])),
}


def fill(parameters, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in parameters:
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))


def opened(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                experts_implementation="eager").eval()


def main():
    torch.manual_seed(3)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for number, (name, make) in enumerate(BASES.items()):
            model = make()
            fill([p for p in model.parameters() if p.dim() == 1], number)
            model.save_pretrained(folder / "bases" / name)
        ids = torch.tensor([IDS])
        cases, logits = [], {}
        for number, (name, (base, config)) in enumerate(CASES.items()):
            plain = opened(folder / "bases" / base)(ids).logits[0]
            tuned = get_peft_model(opened(folder / "bases" / base), config)
            fill([p for p in tuned.parameters() if p.requires_grad], 10 + number)
            tuned.save_pretrained(folder / "adapters" / name)
            again = PeftModel.from_pretrained(opened(folder / "bases" / base), folder / "adapters" / name).eval()
            with torch.no_grad():
                found = again(ids).logits[0][-len(IDS):]
            assert (found - plain).abs().max() > 0.1, name
            logits[name] = found.numpy().astype("<f4").tobytes()
            cases.append({"name": name, "base": base, "ids": IDS})
            (folder / "adapters" / name / "README.md").unlink(missing_ok=True)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
            def put(name, content):
                out.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)
            put("cases.json", json.dumps(cases, indent=1))
            for name, content in logits.items():
                put(f"logits/{name}.bin", content)
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    text = file.read_bytes().replace(str(folder).encode(), b"..")
                    put(str(file.relative_to(folder)), file.read_bytes() if file.suffix == ".safetensors" else text)
        OUT.write_bytes(archive.getvalue())
        print(f"{len(cases)} adapters, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
