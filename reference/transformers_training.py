"""Trains the fixtures of transformers_logits.py for 200 steps with PyTorch's AdamW, which Slipway's losses are compared with.

Out: core/src/test/resources/dev/slipway/model/gpt/training.json: the mean loss of each step before its update.

    python -m pip install torch==2.15.0 transformers==5.23.0 && python reference/transformers_training.py
"""
import json
import pathlib

import torch
from transformers import AutoModelForCausalLM

FOLDER = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/model/gpt"
STEPS, ROWS, COLUMNS, VOCABULARY = 200, 4, 16, 64


def batch(step):
    """Id i of row r is (37 step + 11 r + 5 i + i i) mod 64: any language can make it."""
    rows = [[(37 * step + 11 * r + 5 * i + i * i) % VOCABULARY for i in range(COLUMNS + 1)] for r in range(ROWS)]
    ids = torch.tensor(rows)
    return ids[:, :-1], ids[:, 1:]


def main():
    torch.set_num_threads(1)
    losses = {}
    for name in ["gpt2-tied", "llama-gqa", "qwen3-tied"]:
        model = AutoModelForCausalLM.from_pretrained(FOLDER / name).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
        losses[name] = []
        for step in range(STEPS):
            ids, targets = batch(step)
            loss = torch.nn.functional.cross_entropy(model(ids).logits.reshape(-1, VOCABULARY), targets.reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[name].append(float(f"{loss.item():.7g}"))
        print(name, losses[name][0], losses[name][-1])
    (FOLDER / "training.json").write_text(json.dumps(losses) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
