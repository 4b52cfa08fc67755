"""Reward modelling as TRL's RewardTrainer has it, for RewardReferenceTest.

Writes core/src/test/resources/dev/slipway/task/preference/rewards.zip: 20 steps on a tiny seeded Llama with a score head,
in full, by LoRA and with frozen blocks, with margins and centred rewards: starts, batches, losses, metrics, ends.

Run: python reference/trl_rewards.py (with reference/trl-requirements.txt installed)
"""

import io
import json
import pathlib
import tempfile
import zipfile

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import LlamaForSequenceClassification
from trl import RewardConfig, RewardTrainer

from trl_fixtures import RESOURCES, ROWS, STEPS, ids, lists, model, tokenizer

COEFFICIENT = 0.05
METRICS = ["accuracy", "margin", "mean_reward", "min_reward", "max_reward"]


def rows(margins):
    generator = torch.Generator().manual_seed(9)
    made = []
    for _ in range(ROWS * STEPS):
        prompt = [1] + ids(generator, 2, 6)
        row = {"chosen_ids": prompt + ids(generator, 1, 6) + [2], "rejected_ids": prompt + ids(generator, 1, 6) + [2]}
        if margins:
            row["margin"] = float(torch.rand((), generator=generator))
        made.append(row)
    return made


def train(folder, name, base, data, peft=None, frozen=False, coefficient=None):
    batches, losses, metrics = [], [], {key: [] for key in METRICS}

    class Recording(RewardTrainer):
        def _prepare_dataset(self, dataset, *args):
            return dataset  # it holds ids

        def compute_loss(self, model, inputs, *args, **kwargs):
            loss = super().compute_loss(model, inputs, *args, **kwargs)
            batches.append(lists(inputs))
            losses.append((loss[0] if isinstance(loss, tuple) else loss).item())
            for key in METRICS:
                metrics[key].append(self._metrics["train"][key][-1])
            return loss

    network = LlamaForSequenceClassification.from_pretrained(base, num_labels=1)
    if frozen:
        network.model.requires_grad_(False)
    config = RewardConfig(
        output_dir=str(folder / "runs"), max_steps=STEPS, per_device_train_batch_size=ROWS, learning_rate=0.01,
        lr_scheduler_type="constant", warmup_steps=0, max_grad_norm=0, weight_decay=0, adam_epsilon=1e-8, use_cpu=True,
        bf16=False, report_to="none", save_strategy="no", logging_strategy="no", gradient_checkpointing=False,
        center_rewards_coefficient=coefficient, seed=3, dataloader_pin_memory=False, disable_tqdm=True)
    torch.manual_seed(2)
    trainer = Recording(model=network, args=config, train_dataset=Dataset.from_list(data),
                        processing_class=tokenizer(), peft_config=peft)
    case = folder / name
    if peft:
        trainer.model.save_pretrained(case / "start")
    trainer.train()
    trainer.model.save_pretrained(case / "end")
    assert len(losses) == STEPS
    (case / "expected.json").write_text(json.dumps(
        {"coefficient": coefficient or 0, "batches": batches, "losses": losses, **metrics}))


def main():
    torch.set_num_threads(1)
    lora = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], modules_to_save=["score"],
                      task_type="SEQ_CLS")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        causal, base = folder / "causal", folder / "base"
        model().save_pretrained(causal)
        torch.manual_seed(4)
        scoring = LlamaForSequenceClassification.from_pretrained(causal, num_labels=1)
        torch.nn.init.normal_(scoring.score.weight, std=0.3)
        scoring.save_pretrained(base)
        train(folder, "full", base, rows(False))
        train(folder, "centred", base, rows(True), coefficient=COEFFICIENT)
        train(folder, "frozen", base, rows(False), frozen=True)
        train(folder, "lora", base, rows(False), peft=lora)
        bytes_ = io.BytesIO()
        with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                parts = file.relative_to(folder).parts
                kept = file.is_file() and file.suffix in (".json", ".safetensors") and "runs" not in parts
                if kept and "causal" not in parts:
                    entry = zipfile.ZipInfo(str(file.relative_to(folder)), (2026, 1, 1, 0, 0, 0))
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, file.read_bytes())
        out = RESOURCES / "task/preference/rewards.zip"
        out.write_bytes(bytes_.getvalue())
        print(out, len(bytes_.getvalue()))


if __name__ == "__main__":
    main()
