"""Writes core/src/test/resources/dev/slipway/tokenizer/foreign.json: small tokenizers that are no byte-level BPE of
GPT-2's kind, and their ids and decoded texts for generated strings; and added.json.gz beside it: each kind with added tokens of every
setting, pairs of texts with their types, sections of truncation and padding, and made-up sequences of ids with their texts. Pinned:
tokenizers==0.23.3. Its trainers of WordPiece and Unigram give another tokenizer in each run: the fixtures hold the tokenizers too.

Usage: python reference/foreign_tokenizers.py
"""
import gzip
import json
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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


def bert_cased():
    tokenizer, trainer = word_piece()
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    return tokenizer, trainer


def unigram_bytes():
    """As Gemma's and T5's relatives have it: bytes where no piece fits."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    specials = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    return tokenizer, trainers.UnigramTrainer(vocab_size=SIZE + 256, special_tokens=specials, unk_token="<unk>", show_progress=False)


def word_level():
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer, trainers.WordLevelTrainer(vocab_size=SIZE, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False)


def roberta():
    tokenizer, trainer = prefix_space()
    return tokenizer, trainer


def bert_pair(tokenizer):
    return processors.BertProcessing(("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]")))


def roberta_pair(tokenizer):
    return processors.RobertaProcessing(("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")))


def template_pair(begin, end):
    def make(tokenizer):
        return processors.TemplateProcessing(
            single=f"{begin}:0 $A:0 {end}:0", pair=f"{begin}:0 $A:0 {end}:0 $B:1 {end}:1",
            special_tokens=[(token, tokenizer.token_to_id(token)) for token in dict.fromkeys((begin, end))])
    return make


ADDED = [
    AddedToken("<left>", lstrip=True, special=True),
    AddedToken("<right>", rstrip=True, special=True),
    AddedToken("<both>", lstrip=True, rstrip=True, special=False, normalized=False),
    AddedToken("word", single_word=True, normalized=False),
    # One that its normalizer leaves as it is: of others tokenizers 0.23 decodes the normalized text and 0.21, which DJL binds, the token itself.
    AddedToken("umlaut", normalized=True),
    AddedToken("\u8239", normalized=False),
    AddedToken("  ", normalized=False),
]
KINDS = [
    (word_piece, template_pair("[CLS]", "[SEP]")), (bert_cased, bert_pair), (unigram, template_pair("</s>", "</s>")),
    (unigram_bytes, template_pair("<s>", "</s>")), (byte_fallback, template_pair("<s>", "</s>")), (word_level, template_pair("<s>", "</s>")),
    (split_then_bytes, template_pair("<|begin_of_text|>", "<|begin_of_text|>")), (roberta, roberta_pair),
]
EXTRA = [
    "a <left> b <right> c <both> d", "<left><right><both>", "word sword words word. (word)", "an umlaut and an Ümlaut, U\u0308mlaut",
    "\u8239\u8239 sails\u3000\u8239", "two  spaces   and    four", "x<left>word<right>y", " <both> ", "\U0001F468\u200d\U0001F469\u200d\U0001F467 \U0001F6A2", "",
    " ", "\n\n\t", "a\u0301\u0000b", "don't can't . , ! ?", "<left", "[CLS] inside [SEP]",
]


def added(lines, texts):
    result = {}
    for make, processor in KINDS:
        tokenizer, trainer = make()
        tokenizer.train_from_iterator(lines, trainer)
        tokenizer.post_processor = processor(tokenizer)
        tokenizer.add_tokens([token for token in ADDED if not token.special and not (token.normalized and make is byte_fallback)])
        tokenizer.add_special_tokens([token for token in ADDED if token.special])
        encoded = tokenizer.encode_batch(texts)
        bare = tokenizer.encode_batch(texts, add_special_tokens=False)
        pairs = [tokenizer.encode(first, second) for first, second in zip(texts, texts[1:])]
        draw = random.Random(5)
        made_up = [[draw.randrange(tokenizer.get_vocab_size()) for _ in range(draw.randrange(1, 14))] for _ in range(120)]
        # These say what a caller may ask for, not what an encoding is: without being asked, nothing is cut or filled up.
        tokenizer.enable_truncation(max_length=5)
        tokenizer.enable_padding(length=9)
        result[make.__name__] = {
            "tokenizer": json.loads(tokenizer.to_str()),
            "vocabulary_size": tokenizer.get_vocab_size(),
            "ids": [encoding.ids for encoding in encoded],
            "bare": [encoding.ids for encoding in bare],
            "decoded": [tokenizer.decode(encoding.ids) for encoding in encoded],
            "whole": [tokenizer.decode(encoding.ids, skip_special_tokens=False) for encoding in encoded],
            "pairs": [encoding.ids for encoding in pairs],
            "types": [encoding.type_ids for encoding in pairs],
            "made_up": made_up,
            "made_up_decoded": [tokenizer.decode(ids) for ids in made_up],
        }
    content = json.dumps({"texts": texts, "kinds": result}, separators=(",", ":")) + "\n"
    with open(FOLDER / "added.json.gz", "wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(content.encode("utf-8"))


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
    added(lines, EXTRA + texts[:24])


if __name__ == "__main__":
    main()
