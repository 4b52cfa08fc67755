"""A LoRA step of PEFT on PyTorch, measured in rounds that LoraBench asks for, in turn with its own.

    python lora.py FOLDER TOKENS PRECISION ROWS COLUMNS RANK TARGETS [--compile] [--attention sdpa] [--threads 2]

PRECISION is fp32, or bf16: the base in bfloat16 under autocast, adapters in float32, as Trainer runs it. Reads one command a line: `round SECONDS`
trains that long and prints tokens a second, `losses STEPS` the loss of each further step, `memory` the process's largest resident set in bytes; `quit`.
"""

import argparse
import contextlib
import sys
import time

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("tokens", help="int32; step i takes the rows x columns from i on")
parser.add_argument("precision", choices=["fp32", "bf16"])
parser.add_argument("rows", type=int)
parser.add_argument("columns", type=int)
parser.add_argument("rank", type=int)
parser.add_argument("targets", help="all-linear, or names with commas between them")
parser.add_argument("--compile", action="store_true")
parser.add_argument("--attention", default="sdpa")
parser.add_argument("--rate", type=float, default=1e-4)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
bf16 = args.precision == "bf16"
model = AutoModelForCausalLM.from_pretrained(
    args.folder, dtype=torch.bfloat16 if bf16 else torch.float32, attn_implementation=args.attention
)
targets = args.targets if args.targets == "all-linear" else args.targets.split(",")
model = get_peft_model(model, LoraConfig(r=args.rank, lora_alpha=2 * args.rank, target_modules=targets, task_type="CAUSAL_LM"))
model.train()
learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(learning, lr=args.rate, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
forward = torch.compile(model) if args.compile else model
tokens = torch.from_numpy(np.fromfile(args.tokens, dtype=np.int32)).long()
size = args.rows * args.columns
steps = 0


def step():
    global steps
    at = steps * size % (len(tokens) - size - 1)
    ids = tokens[at : at + size].view(args.rows, args.columns)
    labels = tokens[at + 1 : at + size + 1].view(args.rows, args.columns)
    with torch.autocast("cpu", torch.bfloat16) if bf16 else contextlib.nullcontext():
        loss = forward(input_ids=ids, shift_labels=labels, labels=labels, use_cache=False).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learning, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    steps += 1
    return loss.item()


for line in sys.stdin:
    command, *rest = line.split()
    if command == "round":
        step()
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < float(rest[0]):
            step()
            count += 1
        print(count * size / (time.perf_counter() - start), flush=True)
    elif command == "losses":
        print(*[step() for _ in range(int(rest[0]))], flush=True)
    elif command == "memory":
        with open("/proc/self/status") as status:
            print(next(int(row.split()[1]) * 1024 for row in status if row.startswith("VmHWM")), flush=True)
    else:
        break
