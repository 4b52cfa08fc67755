"""Trains LoRA around bitsandbytes' 4-bit layers of a tiny seeded Llama by PEFT for 20 steps and writes what it began with,
ended with and lost on the way, as core/src/test/resources/dev/slipway/tune/qlora.zip.

Rows are as wide as a block of 64: bitsandbytes 0.50.2 reads narrower ones wrongly on AVX-512.

Run: python reference/qlora.py (with reference/nf4-requirements.txt installed)
"""

import io
import json
import pathlib
import tempfile
import zipfile

import bitsandbytes as bnb
import bitsandbytes.functional as F
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from nf4 import quantize_blockwise_by_distance

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/tune/qlora.zip"
STEPS, ROWS, COLUMNS, VOCABULARY = 20, 2, 12, 48


def quantized(model):
    """Every linear layer but the head in 4 bits, as transformers' load_in_4bit with double quantization makes them."""
    for name, layer in list(model.named_modules()):
        if isinstance(layer, torch.nn.Linear) and name != "lm_head":
            four = bnb.nn.Linear4bit(
                layer.in_features, layer.out_features, bias=False, compute_dtype=torch.float32,
                compress_statistics=True, quant_type="nf4")
            four.weight = bnb.nn.Params4bit(
                layer.weight.data, requires_grad=False, compress_statistics=True, quant_type="nf4")
            setattr(model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2], four.to("cpu"))
    model.is_loaded_in_4bit = True
    return model


def main():
    torch.set_num_threads(1)
    F.quantize_blockwise = quantize_blockwise_by_distance
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        torch.manual_seed(1)
        LlamaForCausalLM(LlamaConfig(
            vocab_size=VOCABULARY, hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.1)).to(torch.bfloat16).save_pretrained(folder / "base")
        model = quantized(LlamaForCausalLM.from_pretrained(folder / "base", dtype=torch.float32))
        torch.manual_seed(2)
        model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"]))
        model.train()
        model.save_pretrained(folder / "start")
        optimizer = torch.optim.AdamW(
            [p for p in model.parameters() if p.requires_grad], lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
        batches = torch.randint(VOCABULARY, (STEPS, ROWS, COLUMNS))
        losses = []
        for ids in batches:
            logits = model(input_ids=ids).logits
            loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, VOCABULARY), ids[:, 1:].reshape(-1))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        model.save_pretrained(folder / "end")
        (folder / "expected.json").write_text(json.dumps({"batches": batches.tolist(), "losses": losses}))
        bytes_ = io.BytesIO()
        with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix in (".json", ".safetensors"):
                    entry = zipfile.ZipInfo(str(file.relative_to(folder)), (2026, 1, 1, 0, 0, 0))
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, file.read_bytes())
        OUT.write_bytes(bytes_.getvalue())
        print(OUT, len(bytes_.getvalue()))


if __name__ == "__main__":
    main()
