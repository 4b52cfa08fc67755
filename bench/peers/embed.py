"""Embeds the lines of a file with sentence-transformers, time after time.

Usage: python embed.py MODEL FILE VECTORS BATCH     writes the vectors as little-endian float32 to VECTORS, then for each line `round` of stdin
embeds all lines once and prints the seconds; `quit` ends.
       python embed.py --sentences aclImdb_v1.tar.gz COUNT FILE     writes the first sentences of IMDB's test reviews, a line each.
"""
import os
import re
import sys
import tarfile
import time


def sentences(archive, count, target):
    lines = []
    with tarfile.open(archive) as tar:
        for member in tar:
            if re.match(r"aclImdb/test/(pos|neg)/.*\.txt$", member.name):
                text = re.sub(r"\s+", " ", tar.extractfile(member).read().decode("utf-8").replace("<br />", " "))
                lines += [line.strip() for line in re.split(r"(?<=[.!?]) ", text) if line.strip()]
                if len(lines) >= count:
                    break
    with open(target, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines[:count]))


def main():
    model_folder, source, vectors, batch = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(2)
    model = SentenceTransformer(model_folder, device="cpu")
    with open(source, encoding="utf-8", newline="\n") as file:
        texts = file.read().split("\n")
    if texts[-1] == "":
        texts.pop()
    model.encode(texts, batch_size=batch, show_progress_bar=False).astype("<f4").tofile(vectors)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        began = time.perf_counter()
        model.encode(texts, batch_size=batch, show_progress_bar=False)
        print(time.perf_counter() - began, file=answers, flush=True)


if __name__ == "__main__":
    sentences(sys.argv[2], int(sys.argv[3]), sys.argv[4]) if sys.argv[1] == "--sentences" else main()
