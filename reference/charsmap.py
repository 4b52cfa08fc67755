"""Writes core/src/test/resources/dev/slipway/tokenizer/charsmap.b64: the precompiled_charsmap that SentencePiece makes of a few rules.
Pinned: sentencepiece==0.2.1.

Usage: python reference/charsmap.py
"""
import base64
import io
import pathlib
import tempfile

import sentencepiece

FOLDER = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/tokenizer"
RULES = {"\uff21": "A", "\uff22": "B", "\u00bd": "1\u20442", "\u2460": "1", "\ufb01": "fi", "\u3000": " ", "e\u0301": "\u00e9", "\u1e9b": "\u1e61", "\u00a0": " "}


def fields(message):
    """Numbers and contents of a protocol buffer's fields that have a length."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = number()
        if tag & 7 == 2:
            size = number()
            yield tag >> 3, message[at:at + size]
            at += size
        elif tag & 7 == 0:
            number()
        else:
            at += 4 if tag & 7 == 5 else 8


def main():
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:
        for before, after in RULES.items():
            rules.write("\t".join(" ".join(f"{ord(c):X}" for c in text) for text in (before, after)) + "\n")
        rules.flush()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter((FOLDER / "training.txt").read_text(encoding="utf-8").splitlines()), model_writer=model, vocab_size=300,
            normalization_rule_tsv=rules.name, minloglevel=2)
    [normalizer] = [content for field, content in fields(model.getvalue()) if field == 3]
    [charsmap] = [content for field, content in fields(normalizer) if field == 2]
    (FOLDER / "charsmap.b64").write_text(base64.b64encode(charsmap).decode("ascii") + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
