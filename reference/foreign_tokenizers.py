"""Writes core/src/test/resources/dev/slipway/tokenizer/foreign.json: small tokenizers that are no byte-level BPE of
GPT-2's kind, and their ids and decoded texts for generated strings. Pinned: tokenizers==0.23.3. Its trainers of WordPiece and Unigram give another tokenizer
in each run: the fixture holds the tokenizers too.

Usage: python reference/foreign_tokenizers.py
"""
import json

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tokenizer import FOLDER, GeneratedStrings

SIZE, STRINGS = 300, 60


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    return tokenizer, trainers.WordPieceTrainer(
        vocab_size=SIZE, special_tokens=specials, limit_alphabet=100, show_progress=False
    )


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer, trainers.UnigramTrainer(
        vocab_size=SIZE, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False
    )


def byte_fallback():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    specials = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    return tokenizer, trainers.BpeTrainer(
        vocab_size=SIZE + 256, special_tokens=specials, limit_alphabet=100, max_token_length=16, show_progress=False
    )


def split_then_bytes():
    """As Llama 3 has it: another pattern before the bytes, and words that are tokens are not merged."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    pattern = Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(pattern, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer, trainers.BpeTrainer(
        vocab_size=SIZE + 100,
        special_tokens=["<|begin_of_text|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )


def prefix_space():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer, trainers.BpeTrainer(
        vocab_size=SIZE + 100,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )


TEMPLATES = {
    "word_piece": ("[CLS] $A [SEP]", ["[CLS]", "[SEP]"]),
    "unigram": ("$A </s>", ["</s>"]),
    "byte_fallback": ("<s> $A", ["<s>"]),
    "split_then_bytes": ("<|begin_of_text|> $A", ["<|begin_of_text|>"]),
    "prefix_space": ("<s> $A </s>", ["<s>", "</s>"]),
}


def main():
    lines = (FOLDER / "training.txt").read_bytes().decode("utf-8").splitlines()[-400:]
    generator = GeneratedStrings(11)
    texts = [generator.next() for _ in range(STRINGS)]
    result = {}
    for make in (word_piece, unigram, byte_fallback, split_then_bytes, prefix_space):
        name = make.__name__
        tokenizer, trainer = make()
        tokenizer.train_from_iterator(lines, trainer)
        template, specials = TEMPLATES[name]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=template, special_tokens=[(token, tokenizer.token_to_id(token)) for token in specials]
        )
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        result[name] = {
            "tokenizer": json.loads(tokenizer.to_str()),
            "vocabulary_size": tokenizer.get_vocab_size(),
            "ids": encoded,
            "decoded": [tokenizer.decode(ids) for ids in encoded],
        }
    (FOLDER / "foreign.json").write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
