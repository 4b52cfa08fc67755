"""Tunes tiny seeded models for 20 steps by methods other than LoRA and writes what they began with, ended with and lost on
the way, as core/src/test/resources/dev/slipway/tune/peft-methods.zip: AdaLoRA, (IA)3, prompt and prefix tuning by PEFT,
bottleneck adapters by modules of the papers' form, BitFit by PyTorch.

Run: python reference/peft_methods.py (with reference/requirements.txt installed)
"""

import io
import json
import pathlib
import tempfile
import zipfile

import torch
from peft import AdaLoraConfig, IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file
from transformers import (BertConfig, BertForSequenceClassification, GPT2Config, GPT2LMHeadModel, LlamaConfig,
                          LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM)

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/tune/peft-methods.zip"
STEPS, ROWS, COLUMNS, VOCABULARY, LABELS = 20, 2, 12, 48, 3

BASES = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.3)),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=4, n_positions=32, initializer_range=0.3,
        resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.3)),
    "bert": lambda: BertForSequenceClassification(BertConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=32, initializer_range=0.3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
        num_labels=LABELS)),
}


class Bottleneck(torch.nn.Module):
    """A projection, and after it h + U f(D h + d) + u (Houlsby et al. 2019, section 2.1)."""

    def __init__(self, base, width, size, activation):
        super().__init__()
        self.base = base
        self.down = torch.nn.Linear(width, size)
        self.up = torch.nn.Linear(size, width)
        self.activation = activation

    def forward(self, x):
        h = self.base(x)
        return h + self.up(self.activation(self.down(h)))


def bottlenecks(ends, size, name, activation):
    def tune(model):
        model.requires_grad_(False)
        for module_name, _ in [m for m in model.named_modules() if m[0].endswith(ends)]:
            if module_name.endswith("attention.output.dense") and "attention.output.dense" not in ends:
                continue
            parent = model.get_submodule(module_name.rpartition(".")[0])
            child = module_name.rpartition(".")[2]
            setattr(parent, child, Bottleneck(getattr(parent, child), 16, size, getattr(torch.nn.functional, activation)))

        def save(folder):
            folder.mkdir(parents=True)
            tensors = {
                "base_model.model." + n.replace(".down.", ".adapter.down.").replace(".up.", ".adapter.up."): p.data
                for n, p in model.named_parameters() if ".down." in n or ".up." in n}
            save_file(tensors, folder / "adapter_model.safetensors")
            (folder / "adapter_config.json").write_text(json.dumps(
                {"peft_type": name, "size": size, "activation": activation, "base_model_name_or_path": "base"}))
        return model, save
    return tune


def bitfit(model):
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.endswith("bias"))

    def save(folder):
        folder.mkdir(parents=True)
        save_file({n: p.data for n, p in model.named_parameters() if p.requires_grad}, folder / "biases.safetensors")
    return model, save


def peft(config):
    def tune(model):
        model = get_peft_model(model, config)
        return model, model.save_pretrained
    return tune


def adalora(**settings):
    return peft(AdaLoraConfig(init_r=4, target_r=2, tinit=3, tfinal=4, deltaT=2, total_step=STEPS, lora_alpha=8, **settings))


CASES = {
    "adalora": ("llama", adalora(task_type="CAUSAL_LM", target_modules=["q_proj", "v_proj", "down_proj"])),
    "adalora-gpt2": ("gpt2", adalora(
        task_type="CAUSAL_LM", target_modules=["c_attn"], fan_in_fan_out=True, orth_reg_weight=0.1)),
    "ia3": ("llama", peft(IA3Config(
        target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"]))),
    "ia3-gpt2": ("gpt2", peft(IA3Config(
        target_modules=["c_attn", "mlp.c_proj"], feedforward_modules=["mlp.c_proj"], fan_in_fan_out=True))),
    "houlsby": ("llama", bottlenecks(("o_proj", "down_proj"), 4, "HOULSBY", "gelu")),
    "houlsby-gpt2": ("gpt2", bottlenecks(("attn.c_proj", "mlp.c_proj"), 4, "HOULSBY", "silu")),
    "pfeiffer": ("llama", bottlenecks(("down_proj",), 4, "PFEIFFER", "relu")),
    "bitfit-gpt2": ("gpt2", bitfit),
    "bitfit-qwen2": ("qwen2", bitfit),
    "prompt": ("llama", peft(PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5))),
    "prompt-gpt2": ("gpt2", peft(PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5))),
    "prefix": ("llama", peft(PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5))),
    "prefix-gpt2": ("gpt2", peft(PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5))),
    "lora-bert": ("bert", peft(LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules=["query", "value"]))),
    "adalora-bert": ("bert", adalora(task_type="SEQ_CLS", target_modules=["query", "value", "output.dense"])),
    "ia3-bert": ("bert", peft(IA3Config(
        task_type="SEQ_CLS", target_modules=["key", "value", "output.dense"], feedforward_modules=["output.dense"]))),
    "houlsby-bert": ("bert", bottlenecks(
        ("attention.output.dense", "output.dense"), 4, "HOULSBY", "gelu")),
    "pfeiffer-bert": ("bert", bottlenecks(("output.dense",), 4, "PFEIFFER", "relu")),
    "bitfit-bert": ("bert", bitfit),
}


def train(folder, name):
    base, tune = CASES[name]
    case = folder / name
    model = type(BASES[base]()).from_pretrained(folder / "base" / base)
    torch.manual_seed(2)
    model, save = tune(model)
    model.train()
    save(case / "start")
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
    batches = torch.randint(VOCABULARY, (STEPS, ROWS, COLUMNS))
    labels = torch.randint(LABELS, (STEPS, ROWS))
    virtual = 5 if name.startswith("prompt") else 0
    losses = []
    for step, ids in enumerate(batches):
        if base == "bert":
            loss = model(input_ids=ids, labels=labels[step]).loss
        elif name.startswith("adalora"):
            loss = model(input_ids=ids, labels=ids).loss  # with what keeps the matrices orthogonal
        else:
            logits = model(input_ids=ids).logits[:, virtual:]
            loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, VOCABULARY), ids[:, 1:].reshape(-1))
        loss.backward()
        optimizer.step()
        if name.startswith("adalora"):
            model.base_model.update_and_allocate(step + 1)
        optimizer.zero_grad()
        losses.append(loss.item())
    model.eval()
    save(case / "end")
    expected = {"base": base, "batches": batches.tolist(), "labels": labels.tolist(), "losses": losses}
    if not name.startswith("adalora"):  # PEFT goes on with what it leaves out when it saves
        with torch.no_grad():
            expected["logits"] = model(input_ids=batches[0]).logits[:, virtual:].flatten().tolist()
    else:
        from peft import PeftModel
        again = PeftModel.from_pretrained(
            type(BASES[base]()).from_pretrained(folder / "base" / base), case / "end").eval()
        with torch.no_grad():
            expected["logits"] = again(input_ids=batches[0]).logits.flatten().tolist()
    expected["logits"] = [round(value, 6) for value in expected["logits"]]
    (case / "expected.json").write_text(json.dumps(expected))


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name, make in BASES.items():
            torch.manual_seed(1)
            model = make()
            with torch.no_grad():  # biases begin with zeros, which would hide their mistakes
                for parameter_name, parameter in model.named_parameters():
                    if parameter_name.endswith("bias"):
                        parameter.normal_(0, 0.1)
            model.save_pretrained(folder / "base" / name)
        for name in CASES:
            train(folder, name)
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
