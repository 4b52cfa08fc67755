"""Writes core/src/main/resources/dev/slipway/tokenizer/code-point-classes.txt: for every code point, whether
Hugging Face's ByteLevel pre-tokenizer takes it for a letter (L), a number (N), whitespace (S) or none of them.

Asked of the library itself, so that the frozen table is what it does. Pinned: tokenizers==0.23.3 (Unicode 16.0).
Usage: python reference/code_point_classes.py
"""
import pathlib

import tokenizers
from tokenizers import pre_tokenizers

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
TARGET = pathlib.Path(__file__).parent.parent / "core/src/main/resources/dev/slipway/tokenizer/code-point-classes.txt"


def main():
    pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)

    def is_one_piece(text):
        return len(pre_tokenizer.pre_tokenize_str(text)) == 1

    def class_of(code_point):
        if 0xD800 <= code_point < 0xE000:
            return "O"
        c = chr(code_point)
        return "L" if is_one_piece("a" + c) else "N" if is_one_piece("1" + c) else "O" if is_one_piece("!" + c) else "S"

    lines = ["# Written by reference/code_point_classes.py: L letter, N number, S whitespace; first and last, hexadecimal."]
    classes = [class_of(code_point) for code_point in range(0x110000)] + [""]
    first = 0
    for code_point in range(1, 0x110001):
        if classes[code_point] != classes[first]:
            if classes[first] != "O":
                last = code_point - 1
                lines.append(f"{classes[first]} {first:X}" + (f" {last:X}" if last > first else ""))
            first = code_point
    TARGET.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
