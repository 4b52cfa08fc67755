"""Trains Hugging Face's byte-level BPE on a corpus, encodes the corpus with it, and prints one line of JSON.

Usage: python tokenizer.py CORPUS.jsonl VOCABULARY TOKENIZER.json     (a line of the corpus is one JSON string)
Threads: RAYON_NUM_THREADS.
"""
import hashlib
import json
import platform
import struct
import sys
import time

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

START = "<|endoftext|>"


def main():
    corpus, vocabulary, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with open(corpus, encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[START],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    began = time.perf_counter()
    tokenizer.train_from_iterator(documents, trainer)
    train_seconds = time.perf_counter() - began

    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A", pair=f"{START} $A {START} $B:1", special_tokens=[(START, 0)]
    )
    tokenizer.save(target)

    began = time.perf_counter()
    encodings = tokenizer.encode_batch(documents)
    encode_seconds = time.perf_counter() - began

    sha = hashlib.sha256()
    for encoding in encodings:
        sha.update(struct.pack(f">{len(encoding.ids)}i", *encoding.ids))
    del encodings
    began = time.perf_counter()
    tokenizer.encode_batch_fast(documents)
    encode_fast_seconds = time.perf_counter() - began
    print(
        json.dumps(
            {
                "train": train_seconds,
                "encode": encode_seconds,
                "encode_fast": encode_fast_seconds,
                "ids": sha.hexdigest(),
                "version": f"tokenizers {tokenizers.__version__}, Python {platform.python_version()}",
            }
        )
    )


if __name__ == "__main__":
    main()
