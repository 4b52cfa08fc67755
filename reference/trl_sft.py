"""Instruction tuning as TRL's SFTTrainer has it with the loss on the assistant's tokens, for SftReferenceTest.

Writes cli/src/test/resources/dev/slipway/cli/sft.zip: a tiny seeded Llama with a tokenizer and a chat template,
conversations, and the losses of 20 steps in full on them, in the batches in which a recipe with the seed 1337, a batch
of 3, and 20 % of the conversations held out twice has them (BATCHES below; they are what goes in).

Run: python reference/trl_sft.py (with reference/trl-requirements.txt installed)
"""

import io
import json
import pathlib
import random
import tempfile
import zipfile

import torch
from datasets import Dataset
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer

RESOURCES = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway"
STEPS, ROWS = 20, 3
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content + eos_token }}"
    "{% endgeneration %}{% else %}{{ m.role + ': ' + m.content + ' ' }}{% endif %}{% endfor %}")

# Lines of conversations.jsonl, step by step.
BATCHES = [
    [36, 15, 59], [47, 11, 38], [12, 31, 44], [28, 26, 29], [8, 1, 27], [24, 18, 41], [30, 52, 46], [17, 23, 49],
    [58, 48, 37], [14, 33, 21], [34, 43, 13], [32, 14, 52], [43, 31, 28], [1, 13, 11], [44, 24, 34], [37, 33, 8],
    [21, 59, 12], [15, 32, 47], [18, 27, 38], [29, 26, 30]]


def tokenizer():
    loaded = AutoTokenizer.from_pretrained(RESOURCES / "model/published/llama")
    loaded.pad_token = "<unk>"
    loaded.chat_template = TEMPLATE
    return loaded


def conversations():
    draw = random.Random(5)

    def words(low, high):
        return " ".join("".join(draw.choice("abcdeinorst") for _ in range(draw.randint(1, 3)))
                        for _ in range(draw.randint(low, high)))

    made = []
    for i in range(60):
        messages = [{"role": "system", "content": words(1, 2)}] if i % 4 == 0 else []
        for _ in range(draw.randint(1, 2)):
            messages += [{"role": "user", "content": words(1, 4)}, {"role": "assistant", "content": words(1, 4)}]
        made.append({"messages": messages})
    return made


def base(folder):
    words = tokenizer()
    torch.manual_seed(1)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.3, pad_token_id=0, bos_token_id=1,
        eos_token_id=2))
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    (folder / "conversations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in conversations()))


def losses(folder):
    rows = conversations()
    found = []

    class Recording(SFTTrainer):
        def _get_train_sampler(self, *args):
            return torch.utils.data.SequentialSampler(self.train_dataset)

        def compute_loss(self, model, inputs, *args, **kwargs):
            loss = super().compute_loss(model, inputs, *args, **kwargs)
            found.append((loss[0] if isinstance(loss, tuple) else loss).item())
            return loss

    trainer = Recording(
        model=LlamaForCausalLM.from_pretrained(folder), processing_class=tokenizer(),
        train_dataset=Dataset.from_list([rows[i] for batch in BATCHES for i in batch]),
        args=SFTConfig(
            output_dir=str(folder / "runs"), max_steps=STEPS, per_device_train_batch_size=ROWS, learning_rate=0.01,
            lr_scheduler_type="constant", warmup_steps=0, max_grad_norm=0, weight_decay=0, adam_epsilon=1e-8,
            use_cpu=True, bf16=False, report_to="none", save_strategy="no", logging_strategy="no",
            gradient_checkpointing=False, seed=3, dataloader_pin_memory=False, disable_tqdm=True,
            assistant_only_loss=True, packing=False, max_length=None))
    trainer.train()
    assert len(found) == STEPS
    return found


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        base(folder)
        (folder / "expected.json").write_text(json.dumps({"batches": BATCHES, "losses": losses(folder)}))
        bytes_ = io.BytesIO()
        with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.iterdir()):
                if file.is_file():
                    entry = zipfile.ZipInfo(file.name, (2026, 1, 1, 0, 0, 0))
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, file.read_bytes())
        out = pathlib.Path(__file__).parent.parent / "cli/src/test/resources/dev/slipway/cli/sft.zip"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(bytes_.getvalue())
        print(out, len(bytes_.getvalue()))


if __name__ == "__main__":
    main()
