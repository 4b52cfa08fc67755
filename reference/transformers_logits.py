"""Makes the tiny models that Slipway's decoder is compared with.

In:  nothing but the libraries named below. Out: core/src/test/resources/dev/slipway/model/gpt/<name>/, a folder as
transformers saves it (config.json, generation_config.json, model.safetensors) and expected.json: logits, the summed loss,
for each gradient its norm and its product with cos(0, 1, 2 ...), and a greedy continuation.

    python -m pip install torch==2.15.0 transformers==5.23.0 && python reference/transformers_logits.py
"""
import json
import pathlib

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/model/gpt"
VOCABULARY = 64
CONTEXT = 32


def llama(config, **changes):
    return config(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
                  max_position_embeddings=CONTEXT, bos_token_id=0, eos_token_id=0, pad_token_id=None, **changes)


def gpt2(**changes):
    return GPT2Config(vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=16, n_layer=2, n_head=4, bos_token_id=0,
                      eos_token_id=0, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0, **changes)


def models():
    yield "gpt2-tied", GPT2LMHeadModel, gpt2()
    yield "gpt2-untied", GPT2LMHeadModel, gpt2(tie_word_embeddings=False)
    yield "llama-tied", LlamaForCausalLM, llama(LlamaConfig, num_key_value_heads=4, tie_word_embeddings=True)
    yield "llama-gqa", LlamaForCausalLM, llama(LlamaConfig, num_key_value_heads=2, head_dim=6, rms_norm_eps=1e-5,
                                               rope_parameters={"rope_type": "default", "rope_theta": 5000.0})
    yield "qwen3-tied", Qwen3ForCausalLM, llama(Qwen3Config, num_key_value_heads=2, head_dim=8, tie_word_embeddings=True)
    yield "qwen3-untied", Qwen3ForCausalLM, llama(Qwen3Config, num_key_value_heads=1, head_dim=4)


def fill(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            # Wide enough that each part shows in the logits; norms stay near one.
            deviation = 0.3 if value.dim() > 1 else 0.1
            value.add_(torch.randn(value.shape, generator=generator) * deviation)


def floats(tensor):
    return [float(f"{x:.7g}") for x in tensor.flatten().tolist()]


def main():
    torch.set_num_threads(1)
    for seed, (name, kind, config) in enumerate(models()):
        torch.manual_seed(seed)
        model = kind(config).eval()
        fill(model, seed)
        folder = OUT / name
        model.save_pretrained(folder)
        generator = torch.Generator().manual_seed(100 + seed)
        ids = torch.randint(1, VOCABULARY, (2, 12), generator=generator)
        targets = torch.randint(1, VOCABULARY, (2, 12), generator=generator)
        logits = model(ids).logits
        loss = torch.nn.functional.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1), reduction="sum")
        loss.backward()
        gradients = {
            key: floats(torch.stack([value.grad.norm(),
                                     (value.grad.flatten() * torch.cos(torch.arange(value.numel(), dtype=torch.float64))).sum()]))
            for key, value in model.named_parameters()}
        prompt = ids[:1, :5]
        greedy = model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=20, eos_token_id=None,
                                pad_token_id=0)
        expected = {"transformers": transformers.__version__, "ids": ids.tolist(), "targets": targets.tolist(),
                    "logits": floats(logits), "loss": float(loss), "gradients": gradients,
                    "prompt": prompt[0].tolist(), "greedy": greedy[0, 5:].tolist()}
        (folder / "expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")
        print(name, sum(p.numel() for p in model.parameters()), float(loss))


if __name__ == "__main__":
    main()
