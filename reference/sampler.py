"""Distributions after transformers' logits processors, which Slipway's sampler is compared with.

Out: core/src/test/resources/dev/slipway/infer/sampler.json: settings, logits, tokens seen, and the probabilities left.

    python -m pip install torch==2.15.0 transformers==5.23.0 && python reference/sampler.py
"""
import json
import pathlib

import torch
import transformers
from transformers import (LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper,
                          TopKLogitsWarper, TopPLogitsWarper)

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/infer/sampler.json"
SETTINGS = [
    {"temperature": 0.7}, {"temperature": 1.8}, {"top_k": 5}, {"top_k": 1}, {"top_p": 0.9}, {"top_p": 0.3}, {"top_p": 0.01},
    {"min_p": 0.05}, {"min_p": 0.5}, {"repetition_penalty": 1.3}, {"repetition_penalty": 0.8},
    {"temperature": 0.8, "top_k": 20, "top_p": 0.85, "min_p": 0.02, "repetition_penalty": 1.1},
]


def processors(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repetition_penalty=1.0):
    found = LogitsProcessorList()
    if repetition_penalty != 1:
        found.append(RepetitionPenaltyLogitsProcessor(repetition_penalty))
    if temperature != 1:
        found.append(TemperatureLogitsWarper(temperature))
    if top_k:
        found.append(TopKLogitsWarper(top_k))
    if top_p < 1:
        found.append(TopPLogitsWarper(top_p))
    if min_p:
        found.append(MinPLogitsWarper(min_p))
    return found


def main():
    generator = torch.Generator().manual_seed(11)
    cases = []
    for settings in SETTINGS:
        logits = torch.randn((1, 48), generator=generator) * 2.5
        seen = torch.randint(0, 48, (1, 6), generator=generator)
        left = torch.softmax(processors(**settings)(seen, logits.clone()).double(), -1)
        cases.append({"settings": settings, "seen": seen[0].tolist(), "logits": logits[0].tolist(),
                      "probabilities": [float(f"{x:.9g}") for x in left[0].tolist()]})
    OUT.write_text(json.dumps({"transformers": transformers.__version__, "cases": cases}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
