"""Opens a model's folder with transformers and computes logits, once or several times.

    python load.py FOLDER [TIMES]

Prints a JSON document: seconds from imported libraries to logits, of TIMES the median of those after the first, and the logits after the last id, to
compare.
"""

import json
import os
import statistics
import sys
import time

import torch
from transformers import AutoModelForCausalLM

# What transformers imports only when it is used belongs to the imports too.
from transformers.models.llama import modeling_llama  # noqa: F401

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def opened() -> tuple[float, list[float]]:
    start = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
    with torch.no_grad():
        logits = model(torch.arange(16)[None] * 7).logits[0, -1]
    return time.perf_counter() - start, logits[:8].tolist()


seconds, logits = opened()
if len(sys.argv) > 2:
    seconds = statistics.median(opened()[0] for _ in range(int(sys.argv[2]) - 1))
print(json.dumps({"seconds": seconds, "logits": logits}))
