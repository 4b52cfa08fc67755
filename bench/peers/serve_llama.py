"""Decodes greedily with llama.cpp, several sequences in one batch, as its server's slots do.

    python serve_llama.py MODEL.gguf STREAMS PROMPT ANSWER

Prompts are random ids. Prints a JSON document: tokens a second of all streams together after their prompts.
"""

import json
import os
import sys
import time

import llama_cpp
import numpy as np

file, streams, prompt, answer = sys.argv[1], *map(int, sys.argv[2:5])
threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
llama_cpp.llama_backend_init()
silent = llama_cpp.llama_log_callback(lambda level, text, data: None)  # must live as long as the library
llama_cpp.llama_log_set(silent, None)
model = llama_cpp.llama_model_load_from_file(file.encode(), llama_cpp.llama_model_default_params())
parameters = llama_cpp.llama_context_default_params()
parameters.n_ctx = streams * (prompt + answer + 16)
parameters.n_batch = 2048
parameters.n_ubatch = 512
parameters.n_seq_max = streams
parameters.n_threads = parameters.n_threads_batch = threads
context = llama_cpp.llama_init_from_model(model, parameters)
vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
random = np.random.default_rng(1)


def decode(tokens, positions, sequences, wanted):
    batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for i in range(len(tokens)):
        batch.token[i] = int(tokens[i])
        batch.pos[i] = positions[i]
        batch.n_seq_id[i] = 1
        batch.seq_id[i][0] = sequences[i]
        batch.logits[i] = wanted[i]
    status = llama_cpp.llama_decode(context, batch)
    llama_cpp.llama_batch_free(batch)
    if status != 0:
        sys.exit(f"llama_decode gave {status}")


def following(row):
    return int(np.argmax(np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, row), shape=(vocabulary,))))


tokens = [0] * streams
for s in range(streams):
    ids = random.integers(0, vocabulary - 1, prompt)
    decode(ids, range(prompt), [s] * prompt, [0] * (prompt - 1) + [1])
    tokens[s] = following(prompt - 1)
warm = 8
for step in range(answer):
    if step == warm:
        start = time.perf_counter()
    decode(tokens, [prompt + step] * streams, range(streams), [1] * streams)
    tokens = [following(s) for s in range(streams)]
seconds = time.perf_counter() - start
print(json.dumps({"tokens_per_second": streams * (answer - warm) / seconds}))
