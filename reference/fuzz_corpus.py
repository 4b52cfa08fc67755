"""Writes the valid files from which FuzzTest makes broken ones.

    python fuzz_corpus.py FOLDER      (core/src/test/resources/dev/slipway/fuzz)

Needs the packages of requirements.txt. Files that once broke something are put beside these by hand, named after what they broke.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder = Path(sys.argv[1])
for kind in ["safetensors", "gguf", "tokenizer"]:
    (folder / kind).mkdir(parents=True, exist_ok=True)
torch.manual_seed(1)

# ---- safetensors ----
save_file(
    {"model.a": torch.randn(2, 3), "model.b": torch.randn(4).bfloat16(), "model.c": torch.randn(1, 2, 2).half()},
    folder / "safetensors" / "floats.safetensors",
    metadata={"format": "pt"},
)
save_file({"i": torch.arange(5), "none": torch.zeros(0, 3), "byte": torch.ones(3, dtype=torch.uint8)}, folder / "safetensors" / "others.safetensors")

# ---- tokenizers ----
text = ["the ship is built on the slipway and the ship is launched", "über die Helling läuft das Schiff", "a b c d e"]


def train(name, tokenizer, trainer):
    tokenizer.train_from_iterator(text, trainer)
    document = json.loads(tokenizer.to_str())
    (folder / "tokenizer" / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = decoders.ByteLevel()
train("byte-level.json", bpe, trainers.BpeTrainer(vocab_size=60, special_tokens=["<|endoftext|>"], show_progress=False))
fallback = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
fallback.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
fallback.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
train("byte-fallback.json", fallback, trainers.BpeTrainer(vocab_size=50, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False))
piece = Tokenizer(models.WordPiece(unk_token="[UNK]"))
piece.normalizer = normalizers.BertNormalizer()
piece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
piece.decoder = decoders.WordPiece()
piece.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
train("word-piece.json", piece, trainers.WordPieceTrainer(vocab_size=50, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False))
unigram = Tokenizer(models.Unigram())
unigram.normalizer = normalizers.NFKC()
unigram.pre_tokenizer = pre_tokenizers.Metaspace()
unigram.decoder = decoders.Metaspace()
unigram.add_tokens([AddedToken("<tool>", lstrip=True, rstrip=True, single_word=True)])
train("unigram.json", unigram, trainers.UnigramTrainer(vocab_size=50, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False))


# ---- GGUF ----
def shape_of(writer, width):
    writer.add_context_length(64)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(width)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)


def matrix(writer, name, rows, columns, kind):
    values = np.random.default_rng(1).standard_normal((rows, columns)).astype(np.float32)
    if kind == gguf.GGMLQuantizationType.F32:
        writer.add_tensor(name, values)
    else:
        data = values.astype(np.float16) if kind == gguf.GGMLQuantizationType.F16 else gguf.quants.quantize(values, kind)
        writer.add_tensor(name, data, raw_dtype=None if kind == gguf.GGMLQuantizationType.F16 else kind)


types = gguf.GGMLQuantizationType
writer = gguf.GGUFWriter(folder / "gguf" / "llama.gguf", "llama")
shape_of(writer, 32)
writer.add_tokenizer_model("llama")
tokens = ["<unk>", "<s>", "</s>", "<0x41>", "▁", "a", "b", "▁a"]
writer.add_token_list(tokens)
writer.add_token_scores([-float(i) for i in range(len(tokens))])
writer.add_token_types([2, 3, 3, 6, 1, 1, 1, 1])
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_chat_template("{% for m in messages %}{{ m.content }}{% endfor %}")
matrix(writer, "token_embd.weight", len(tokens), 32, types.Q8_0)
matrix(writer, "output.weight", len(tokens), 32, types.F16)
for name, rows, kind in [("attn_q", 32, types.Q4_0), ("attn_k", 16, types.Q8_0), ("attn_v", 16, types.Q8_0), ("attn_output", 32, types.Q4_0)]:
    matrix(writer, f"blk.0.{name}.weight", rows, 32, kind)
for name in ["ffn_gate", "ffn_up", "ffn_down"]:
    matrix(writer, f"blk.0.{name}.weight", 32, 32, types.Q4_0)
for name in ["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"]:
    writer.add_tensor(name + ".weight", np.ones(32, dtype=np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

writer = gguf.GGUFWriter(folder / "gguf" / "vocabulary.gguf", "gpt2")
shape_of(writer, 8)
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("gpt-2")
writer.add_token_list(["a", "b", "Ġ", "ab", "Ġab", "<|endoftext|>"])
writer.add_token_types([1, 1, 1, 1, 1, 3])
writer.add_token_merges(["a b", "Ġ ab"])
writer.add_eos_token_id(5)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
