"""Makes the tiny cross-encoders that Slipway's scores of pairs are compared with.

In:  nothing but the libraries named below. Out: core/src/test/resources/dev/slipway/model/pretrained/cross-<name>/, a folder as
sentence-transformers' CrossEncoder saves it (cross-old: as those before version 4 did) and expected.json: pairs and their scores.

    python -m pip install torch==2.15.0 transformers==5.23.0 sentence-transformers==6.2.0 tokenizers==0.23.3 && python reference/cross_encoder.py
"""
import json
import shutil

import torch
from sentence_transformers import CrossEncoder
from transformers import (
    BertConfig, BertForSequenceClassification, RobertaConfig, RobertaForSequenceClassification, XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

from bert import MODEL, TEXTS, WORDS, fill, tokenizer

PAIRS = [("where is the ship built", text) for text in TEXTS] + [("the harbour", "the harbour"), ("", "sail"),
    ("the ship and the sail and the keel and the way and the harbour was old", "the model is new and the word is old and the a is old")]
MODELS = {
    "bert": (False, BertForSequenceClassification, BertConfig, {}, None),
    "roberta": (True, RobertaForSequenceClassification, RobertaConfig, {"type_vocab_size": 1, "max_position_embeddings": 24},
                torch.nn.Identity()),
    "xlm-roberta": (True, XLMRobertaForSequenceClassification, XLMRobertaConfig, {"type_vocab_size": 1, "max_position_embeddings": 24},
                    torch.nn.Tanh()),
    "old": (False, BertForSequenceClassification, BertConfig, {}, torch.nn.Identity()),
}


def make(seed, name):
    roberta, kind, config, sizes, activation = MODELS[name]
    parts = MODEL / "pretrained" / "parts"
    network = kind(config(**{**dict(vocab_size=5 + len(WORDS), hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
                                    intermediate_size=12, max_position_embeddings=20, num_labels=1), **sizes}))
    fill(network, 50 + seed)
    network.save_pretrained(parts)
    tokenizer(roberta, 20).save_pretrained(parts)
    if name == "bert":  # as published ones: the class decides that texts of a pair have types, which cross-old has not
        config = json.loads((parts / "tokenizer_config.json").read_text(encoding="utf-8"))
        config["tokenizer_class"] = "BertTokenizer"
        (parts / "tokenizer_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    model = CrossEncoder(str(parts), activation_fn=activation, device="cpu")
    folder = MODEL / "pretrained" / ("cross-" + name)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(str(folder), create_model_card=False)
    if name == "old":
        for later in ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"):
            (folder / later).unlink()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config["sbert_ce_default_activation_function"] = "torch.nn.modules.linear.Identity"
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    scores = CrossEncoder(str(folder), device="cpu").predict(PAIRS)
    (folder / "expected.json").write_text(json.dumps({
        "pairs": PAIRS, "scores": [float(f"{score:.7g}") for score in scores.tolist()]}) + "\n", encoding="utf-8")
    shutil.rmtree(parts)


def main():
    torch.set_num_threads(1)
    for seed, name in enumerate(MODELS):
        torch.manual_seed(seed)
        make(seed, name)


if __name__ == "__main__":
    main()
