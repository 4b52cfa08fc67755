"""Opens an adapter by PEFT on the model folder that it was made for, and prints the logits of some ids as JSON.

Run: python reference/check_adapter.py MODEL ADAPTER "1 2 3" (with reference/requirements.txt installed)
"""

import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def main():
    model, adapter, ids = sys.argv[1:]
    tuned = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(model), adapter).eval()
    with torch.no_grad():
        logits = tuned(input_ids=torch.tensor([[int(i) for i in ids.split()]])).logits
    logits = logits[:, -len(ids.split()):]  # a tuned prompt has logits, too
    print("\n" + json.dumps(logits.flatten().tolist()))


if __name__ == "__main__":
    main()
