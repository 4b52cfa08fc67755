"""Opens a reward model by transformers, or its adapter by PEFT, and prints the rewards of conversations as JSON.

Run: python reference/check_reward.py FOLDER MESSAGES.jsonl (with reference/requirements.txt installed)
"""

import json
import pathlib
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def main():
    folder, messages = sys.argv[1:]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    adapter = pathlib.Path(folder, "adapter_config.json")
    if adapter.exists():
        base = json.loads(adapter.read_text())["base_model_name_or_path"]
        model = PeftModel.from_pretrained(
            AutoModelForSequenceClassification.from_pretrained(base, num_labels=1), folder)
    else:
        model = AutoModelForSequenceClassification.from_pretrained(folder)
        assert model.config.num_labels == 1
    model = model.eval()
    rewards = []
    for line in pathlib.Path(messages).read_text(encoding="utf-8").splitlines():
        text = tokenizer.apply_chat_template(json.loads(line), tokenize=False)
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.no_grad():
            rewards.append(model(input_ids=ids).logits.item())
    print("\n" + json.dumps(rewards))


if __name__ == "__main__":
    main()
