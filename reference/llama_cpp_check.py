"""What llama.cpp (llama-cpp-python 0.3.36) makes of a GGUF file, as one line of JSON:
{"ids": of the text, "greedy": ids that follow them, "perplexity": of the scored text, "types": of the tensors}.

    python reference/llama_cpp_check.py FILE.gguf PROMPT TEXT-FILE TOKENS
"""

import json
import sys

import llama_cpp
import numpy as np

file, prompt, text_file, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
model = llama_cpp.Llama(file, n_ctx=0, logits_all=True, verbose=False, n_threads=2)


def ids(text):
    return model.tokenize(text.encode(), add_bos=True, special=True)


prompt_ids = ids(prompt)
model.reset()
model.eval(prompt_ids)
greedy = []
for _ in range(count):
    following = int(np.argmax(model.scores[model.n_tokens - 1]))
    greedy.append(following)
    model.eval([following])
tokens = ids(open(text_file, encoding="utf-8", newline="").read())[: model.n_ctx()]
model.reset()
model.eval(tokens)
logits = model.scores[: len(tokens) - 1].astype(np.float64)
logits -= logits.max(axis=-1, keepdims=True)
logprobs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
nll = -logprobs[np.arange(len(tokens) - 1), tokens[1:]].mean()
print(json.dumps({"ids": prompt_ids, "greedy": greedy, "tokens": tokens, "perplexity": float(np.exp(nll))}))
