"""From conversations to ids by transformers' fast tokenizer, measured in rounds that ChatBench asks for.

    python chat.py MODEL CONVERSATIONS.jsonl

Reads one command a line: `round` prints the seconds it took, the number of ids and their checksum; `quit`. Threads: RAYON_NUM_THREADS.
"""

import json
import sys
import time

from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as lines:
    conversations = [json.loads(line) for line in lines]
checksum = None
for line in sys.stdin:
    if line.strip() != "round":
        break
    start = time.perf_counter()
    ids = tokenizer.apply_chat_template(conversations, tokenize=True, return_dict=True, return_attention_mask=False)["input_ids"]
    seconds = time.perf_counter() - start
    if checksum is None:
        checksum = 0
        for each in ids:
            for one in each:
                checksum = (checksum * 31 + one) & 0xFFFFFFFF
    print(seconds, sum(map(len, ids)), checksum, flush=True)
