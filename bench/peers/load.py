"""Opens a model's folder with transformers and computes logits once.

    python load.py FOLDER

Prints a JSON document: seconds from imported libraries to logits, and the logits after the last id, to compare.
"""

import json
import os
import sys
import time

import torch
from transformers import AutoModelForCausalLM

# What transformers imports only when it is used belongs to the imports too.
from transformers.models.llama import modeling_llama  # noqa: F401

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
start = time.perf_counter()
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
with torch.no_grad():
    logits = model(torch.arange(16)[None] * 7).logits[0, -1]
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "logits": logits[:8].tolist()}))
