"""Trains adapters of a tiny seeded Llama and GPT-2 by PEFT for 20 steps and writes what they began with, ended with and
lost on the way, as core/src/test/resources/dev/slipway/tune/peft.zip.

Run: python reference/peft_training.py (with reference/requirements.txt installed)
"""

import io
import json
import pathlib
import tempfile
import zipfile

import torch
from peft import LoraConfig, get_peft_model
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/tune/peft.zip"
STEPS, ROWS, COLUMNS, VOCABULARY = 20, 2, 12, 48

BASES = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.3)),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=4, n_positions=32, initializer_range=0.3,
        resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)),
}

CASES = {
    "lora": ("llama", LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"])),
    "rslora": ("llama", LoraConfig(r=4, lora_alpha=8, use_rslora=True, target_modules=r".*self_attn\.[qo]_proj")),
    "dora": ("llama", LoraConfig(r=2, lora_alpha=8, use_dora=True, target_modules="all-linear")),
    "layer": ("llama", LoraConfig(r=2, lora_alpha=2, target_modules=["up_proj"], layers_to_transform=[1])),
    "gpt2": ("gpt2", LoraConfig(r=2, lora_alpha=4, fan_in_fan_out=True, target_modules=["c_attn", "c_proj"])),
    "gpt2-dora": ("gpt2", LoraConfig(r=2, lora_alpha=4, use_dora=True, fan_in_fan_out=True, target_modules=["c_attn"])),
}


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name, make in BASES.items():
            torch.manual_seed(1)
            make().save_pretrained(folder / "base" / name)
        for name, (base, config) in CASES.items():
            case = folder / name
            model = type(BASES[base]()).from_pretrained(folder / "base" / base)
            torch.manual_seed(2)
            model = get_peft_model(model, config)
            model.train()
            model.save_pretrained(case / "start")
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
            model.eval()
            model.save_pretrained(case / "end")
            with torch.no_grad():
                logits = model(input_ids=batches[0]).logits
            (case / "expected.json").write_text(json.dumps({
                "base": base, "batches": batches.tolist(), "losses": losses, "logits": logits.flatten().tolist()}))
        OUT.parent.mkdir(parents=True, exist_ok=True)
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
