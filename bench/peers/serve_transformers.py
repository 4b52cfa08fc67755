"""Answers requests one after the other by transformers' generate in bfloat16.

    python serve_transformers.py FOLDER [REQUESTS=12]

Prompts are random ids, 32 to 512 of them, answers have 16 to 256 tokens. Prints a JSON document: tokens a second in all.
"""

import json
import os
import random
import sys
import time

import torch
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.bfloat16)
draws = random.Random(5)


def answer(prompt, tokens):
    ids = torch.tensor([[draws.randrange(model.config.vocab_size - 1) for _ in range(prompt)]])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, min_new_tokens=tokens, max_new_tokens=tokens, pad_token_id=0)
    return out.shape[1] - prompt


answer(32, 16)
count = int(sys.argv[2]) if len(sys.argv) > 2 else 12
start = time.perf_counter()
tokens = sum(answer(draws.randint(32, 512), draws.randint(16, 256)) for _ in range(count))
print(json.dumps({"tokens_per_second": tokens / (time.perf_counter() - start)}))
