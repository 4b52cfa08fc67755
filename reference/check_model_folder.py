"""Opens model folders that Slipway wrote with transformers and compares logits.

In:  pairs of a model folder and a JSON file {"ids": [[...]], "logits": [...]} with what Slipway computed.
Out: a line each, and exit code 0 when every logit is within 1e-4 and no tensor is missing, surplus or newly made.

    python reference/check_model_folder.py MODEL LOGITS.json [MODEL LOGITS.json ...]
"""
import json
import sys

import torch
from transformers import AutoModelForCausalLM


def check(folder, logits):
    with open(logits, encoding="utf-8") as file:
        ours = json.load(file)
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    problems = {key: sorted(map(str, value)) for key, value in info.items() if value}
    theirs = model.eval()(torch.tensor(ours["ids"])).logits.flatten()
    difference = (theirs - torch.tensor(ours["logits"])).abs().max().item()
    print(f"{type(model).__name__}: largest difference of {theirs.numel()} logits {difference:.2e}; loading: {problems or 'all matched'}")
    return difference <= 1e-4 and not problems


if __name__ == "__main__":
    with torch.no_grad():
        pairs = list(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
        sys.exit(0 if pairs and all([check(*pair) for pair in pairs]) else 1)
