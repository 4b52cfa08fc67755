"""Preference tuning and data forms as TRL has them, for the tests of task.preference and data.conversation.

Writes core/src/test/resources/dev/slipway/task/preference/trl.zip (20 steps of DPO, IPO and KTO on a tiny seeded Llama:
starts, batches, reference log-probabilities, losses, ends; and losses with their gradients on log-probabilities alone)
and core/src/test/resources/dev/slipway/data/conversation/trl.json (packing, implicit prompts, ShareGPT).

Run: python reference/trl_fixtures.py (with reference/trl-requirements.txt installed)
"""

import io
import json
import pathlib
import tempfile
import types
import zipfile

import torch
from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, pack_dataset
from trl.data_utils import extract_prompt, maybe_convert_to_chatml
from trl.experimental.orpo import ORPOTrainer

RESOURCES = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway"
STEPS, ROWS, VOCABULARY, BETA = 20, 3, 40, 0.2


def model():
    torch.manual_seed(1)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32, initializer_range=0.3, pad_token_id=0, bos_token_id=1,
        eos_token_id=2))


def tokenizer():
    words = {"<pad>": 0, "<s>": 1, "</s>": 2} | {f"w{i}": i for i in range(3, VOCABULARY)}
    inner = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", bos_token="<s>", eos_token="</s>")


def ids(generator, low, high):
    length = int(torch.randint(low, high, (1,), generator=generator))
    return torch.randint(3, VOCABULARY, (length,), generator=generator).tolist()


def rows(kind):
    generator = torch.Generator().manual_seed(7)
    made = []
    for _ in range(ROWS * STEPS if kind == "dpo" else ROWS):
        row = {"prompt_ids": [1] + ids(generator, 2, 6)}
        if kind == "dpo":
            row |= {"chosen_ids": ids(generator, 1, 6) + [2], "rejected_ids": ids(generator, 1, 6) + [2]}
        else:
            row |= {"completion_ids": ids(generator, 1, 6) + [2], "label": bool(torch.randint(2, (1,), generator=generator))}
        made.append(row)
    if kind == "kto":  # as TRL makes them: the completion of the row before
        for i, row in enumerate(made):
            row["KL_completion_ids"] = made[i - 1]["completion_ids"]
    return made


def lists(batch):
    return {key: value.tolist() for key, value in batch.items() if isinstance(value, torch.Tensor)}


def train(folder, name, base, trainer_class, config_class, data, peft, **settings):
    """Trains by TRL and writes what went in and came out."""
    batches, losses = [], []

    class Recording(trainer_class):
        def _prepare_dataset(self, dataset, *args):
            return dataset  # it holds ids

        def compute_loss(self, model, inputs, *args, **kwargs):
            loss = super().compute_loss(model, inputs, *args, **kwargs)
            batches.append(lists(inputs))
            losses.append((loss[0] if isinstance(loss, tuple) else loss).item())
            return loss

    network = LlamaForCausalLM.from_pretrained(base)
    config = config_class(
        output_dir=str(folder / "runs"), max_steps=STEPS, per_device_train_batch_size=ROWS, learning_rate=0.01,
        lr_scheduler_type="constant", warmup_steps=0, max_grad_norm=0, weight_decay=0, adam_epsilon=1e-8, use_cpu=True,
        bf16=False, report_to="none", save_strategy="no", logging_strategy="no", gradient_checkpointing=False,
        precompute_ref_log_probs=True, beta=BETA, seed=3, dataloader_pin_memory=False, disable_tqdm=True, **settings)
    torch.manual_seed(2)
    trainer = Recording(
        model=network, args=config, train_dataset=Dataset.from_list(data), processing_class=tokenizer(),
        peft_config=peft)
    case = folder / name
    if peft:
        trainer.model.save_pretrained(case / "start")
    trainer.train()
    trainer.model.save_pretrained(case / "end")
    assert len(losses) == STEPS
    (case / "expected.json").write_text(json.dumps({"beta": BETA, "batches": batches, "losses": losses}))


def accelerator():
    return types.SimpleNamespace(device=torch.device("cpu"), gather=lambda x: x, gather_for_metrics=lambda x: x,
                                 unwrap_model=lambda x: x)


class Metrics(dict):
    def __missing__(self, key):
        self[key] = Metrics() if key == "train" else []
        return self[key]


def stub(**attributes):
    return types.SimpleNamespace(
        model=types.SimpleNamespace(training=True), accelerator=accelerator(), aux_loss_enabled=False, beta=BETA,
        precompute_ref_logps=True, _metrics=Metrics(), _total_train_tokens=0, _tp_size=1, args=None, **attributes)


def fake(leaf):
    zeros = torch.zeros_like(leaf)
    return lambda **kwargs: types.SimpleNamespace(
        log_probs=leaf, entropy=zeros, mean_logits=zeros, is_top1=torch.zeros_like(leaf, dtype=torch.bool))


def paired_losses():
    """DPO and IPO on log-probabilities alone: each row of a pair is its completion."""
    torch.manual_seed(5)
    lengths = torch.tensor([3, 5, 2, 4, 6, 1, 3, 2])
    count = len(lengths) // 2
    mask = (torch.arange(7)[None] >= 1) & (torch.arange(7)[None] <= lengths[:, None])
    cases = []
    for kind in ["sigmoid", "ipo"]:
        logps = (-3 * torch.rand(2 * count, 6, dtype=torch.float64)) * mask[:, 1:]
        reference = -3 * torch.rand(2 * count, dtype=torch.float64) * lengths
        leaf = logps.clone().requires_grad_()
        trainer = stub(f_divergence_type="reverse_kl", loss_types=[kind], loss_weights=[1.0], ld_alpha=None,
                       use_weighting=False)
        inputs = {"input_ids": torch.ones(2 * count, 7, dtype=torch.long), "attention_mask": torch.ones(2 * count, 7),
                  "completion_mask": mask.long(), "ref_chosen_logps": reference[:count],
                  "ref_rejected_logps": reference[count:]}
        loss = DPOTrainer._compute_loss(trainer, fake(leaf), inputs, False)
        loss.backward()
        cases.append({"loss": {"sigmoid": "dpo", "ipo": "ipo"}[kind], "beta": BETA, "lengths": lengths.tolist(),
                      "logps": logps.sum(1).tolist(), "reference": reference.tolist(), "value": loss.item(),
                      "gradient": leaf.grad[:, 0].tolist(),
                      "accuracy": trainer._metrics["train"]["rewards/accuracies"][0],
                      "margin": trainer._metrics["train"]["rewards/margins"][0]})
    logps = (-2 * torch.rand(2 * count, dtype=torch.float32) * lengths)
    leaf = logps.clone().requires_grad_()
    average = leaf / lengths
    losses = ORPOTrainer.odds_ratio_loss(stub(), average[:count], average[count:])[0]
    # The paper's L_SFT is of the chosen answers; a mean over pairs of their means over tokens.
    loss = -average[:count].mean() - losses.mean()
    loss.backward()
    cases.append({"loss": "orpo", "beta": BETA, "lengths": lengths.tolist(), "logps": logps.tolist(),
                  "reference": [0] * 2 * count, "value": loss.item(), "gradient": leaf.grad.tolist()})
    return cases


def rated_losses():
    """KTO on log-probabilities alone."""
    torch.manual_seed(6)
    cases = []
    for shift in [-1.0, 1.0]:
        labels = torch.tensor([True, False, True, True, False])
        logps = -3 * torch.rand(5, dtype=torch.float64)
        reference = -3 * torch.rand(5, dtype=torch.float64)
        kl, reference_kl = -3 * torch.rand(5, dtype=torch.float64) + shift, -3 * torch.rand(5, dtype=torch.float64)
        leaf = logps.clone()[:, None].requires_grad_()
        trainer = stub(loss_type="kto", calculate_KL=True, desirable_weight=1.5, undesirable_weight=0.75)
        trainer._compute_kl_logps = lambda model, batch: kl
        ones = torch.ones(5, 2, dtype=torch.long)
        loss = KTOTrainer._compute_loss(
            trainer, fake(leaf), {"input_ids": ones, "attention_mask": ones, "completion_mask": ones, "label": labels,
                                  "ref_logps": reference, "ref_KL_logps": reference_kl}, False)
        loss.backward()
        cases.append({"beta": BETA, "desirable": 1.5, "undesirable": 0.75, "labels": labels.tolist(),
                      "logps": logps.tolist(), "reference": reference.tolist(), "kl": (kl - reference_kl).tolist(),
                      "value": loss.item(), "gradient": leaf.grad[:, 0].tolist()})
    return cases


def data_forms():
    generator = torch.Generator().manual_seed(11)
    lengths = [int(n) for n in torch.randint(1, 60, (200,), generator=generator)]
    packed = pack_dataset(Dataset.from_dict({"input_ids": [[i] * n for i, n in enumerate(lengths)]}), 64, "bfd")
    turns = [
        {"role": "user", "content": "one"}, {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"}, {"role": "assistant", "content": "four"}]
    other = turns[:3] + [{"role": "assistant", "content": "five"}]
    implicit = {"chosen": turns, "rejected": other}
    sharegpt = {"conversations": [{"from": "user", "value": "one"}, {"from": "assistant", "value": "two"}]}
    return {
        "lengths": lengths, "room": 64,
        "rows": sorted(sorted(n for n in row) for row in packed["seq_lengths"]),
        "implicit": implicit, "explicit": extract_prompt(implicit),
        "sharegpt": sharegpt, "chatml": maybe_convert_to_chatml(sharegpt)}


def main():
    torch.set_num_threads(1)
    lora = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        base = folder / "base"
        model().save_pretrained(base)
        train(folder, "dpo-lora", base, DPOTrainer, DPOConfig, rows("dpo"), lora)
        train(folder, "dpo-full", base, DPOTrainer, DPOConfig, rows("dpo"), None)
        train(folder, "ipo-lora", base, DPOTrainer, DPOConfig, rows("dpo"), lora, loss_type="ipo")
        train(folder, "kto-lora", base, KTOTrainer, KTOConfig, rows("kto"), lora)
        (folder / "losses.json").write_text(json.dumps({"paired": paired_losses(), "rated": rated_losses()}))
        bytes_ = io.BytesIO()
        with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix in (".json", ".safetensors") and "runs" not in file.parts:
                    entry = zipfile.ZipInfo(str(file.relative_to(folder)), (2026, 1, 1, 0, 0, 0))
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, file.read_bytes())
        out = RESOURCES / "task/preference/trl.zip"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(bytes_.getvalue())
        print(out, len(bytes_.getvalue()))
    out = RESOURCES / "data/conversation/trl.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(data_forms()) + "\n")
    print(out)


if __name__ == "__main__":
    main()
