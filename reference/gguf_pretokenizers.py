"""Makes src/main/resources/dev/slipway/model/gguf/pre-tokenizers.json from llama.cpp's own source: how the byte-level
BPE vocabularies that a GGUF file names in tokenizer.ggml.pre divide a text into words. Takes the path of
llama.cpp's src/llama-vocab.cpp (in the source package llama-cpp-python 0.3.36: vendor/llama.cpp/src)."""

import ast
import json
import re
import sys
from pathlib import Path

source = Path(sys.argv[1]).read_text(encoding="utf-8")
out = Path(sys.argv[2] if len(sys.argv) > 2 else "core/src/main/resources/dev/slipway/model/gguf/pre-tokenizers.json")
# What llama.cpp does by code of its own, or over other bytes than GPT-2's.
CUSTOM = {"KIMI_K2", "AFMOE", "SUPERBPE", "GEMMA4", "SARVAM_MOE", "WHITESPACE", "DEFAULT", "CHAMELEON", "TINY_AYA"}


def text(literal):
    return ast.literal_eval(literal.replace('\\"', '\\x22'))


body = source[source.index("struct llm_tokenizer_bpe : llm_tokenizer {") :]
body = body[: body.index("std::vector<std::string> regex_exprs;")]
patterns = {}
for block in re.finditer(r"((?:\s*case LLAMA_VOCAB_PRE_TYPE_\w+:\s*)+)(.*?)break;", body, re.S):
    names = re.findall(r"LLAMA_VOCAB_PRE_TYPE_(\w+)", block.group(1))
    code = block.group(2)
    literals = re.findall(r'^\s*("(?:[^"\\]|\\.)*"),', code, re.M)
    # Where llama.cpp had to rewrite a pattern for its own engine, the original stands above it in a comment.
    originals = re.findall(r'^\s*//\s*("(?:[^"\\]|\\.)*"),?\s*$', code, re.M)
    if names[0] in ("TEKKEN", "GPT4O"):
        literals = originals
    for name in names:
        patterns[name] = [text(each) for each in literals]

load = source[source.index('tokenizer_pre == "default"') :]
load = load[: load.index("type == LLAMA_VOCAB_TYPE_SPM")]
default = body[body.index("default:") :]
entries = [{"names": ["default"], "patterns": [text(each) for each in re.findall(r'^\s*("(?:[^"\\]|\\.)*"),', default, re.M)]}]
for branch in re.split(r"\} else if \(", load):
    names = re.findall(r'tokenizer_pre == "([^"]+)"', branch)
    kind = re.search(r"pre_type = LLAMA_VOCAB_PRE_TYPE_(\w+);", branch)
    if not kind or kind.group(1) in CUSTOM or kind.group(1) not in patterns:
        continue
    entry = {"names": names, "patterns": patterns[kind.group(1)]}
    for flag in ("ignore_merges", "add_bos", "add_sep"):
        if f"{flag} = true" in branch:
            entry[flag] = True
    entries.append(entry)
out.write_text(json.dumps(entries, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
print(len(entries), "kinds,", sum(len(e["names"]) for e in entries), "names")
