"""Makes the tiny causal rerankers that Slipway's scores of pairs are compared with.

In:  nothing but the libraries named below. Out: core/src/test/resources/dev/slipway/model/pretrained/reranker-<name>/, a folder as
sentence-transformers' CrossEncoder saves it around a Qwen3 decoder, in the form of Qwen3-Reranker ("yes" against "no"), of zerank
(one token, the generation prompt) and of the conversions with one label; and expected.json: pairs and their scores.

    python -m pip install torch==2.15.0 transformers==5.23.0 sentence-transformers==6.2.0 tokenizers==0.23.3 && python reference/causal_reranker.py
"""
import json
import shutil

import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Transformer
from sentence_transformers.cross_encoder.modules import LogitScore
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen2TokenizerFast, Qwen3Config, Qwen3ForCausalLM, Qwen3ForSequenceClassification

from bert import MODEL, TEXTS, fill

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
PROMPT = "find what answers the question"
TEMPLATE = (  # Qwen3-Reranker's, with roles as sentence-transformers gives them
    "<|im_start|>system\nis the text right? yes or no<|im_end|>\n<|im_start|>user\n"
    "{%- set instruct = messages | selectattr('role', 'eq', 'system') | map(attribute='content') | first | default('find texts') %}"
    "<Instruct>: {{ instruct }}\n<Query>: {{ messages | selectattr('role', 'eq', 'query') | map(attribute='content') | first }}\n"
    "<Document>: {{ messages | selectattr('role', 'eq', 'document') | map(attribute='content') | first }}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n")
GENERATING = (
    "{% for m in messages %}<|im_start|>{{ 'system' if m.role == 'query' else 'user' }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
PAIRS = [("where is the ship built", text) for text in TEXTS] + [("the harbour", "the harbour"), ("", "sail"), ("sail", ""),
    ("yes", "the ship and the sail and the keel and the way and the harbour was old " * 8)]


def tokenizer(template):
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    bare.train_from_iterator([TEMPLATE] + ["yes no"] * 9 + TEXTS * 4, trainers.BpeTrainer(
        vocab_size=400, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return Qwen2TokenizerFast(tokenizer_object=bare, pad_token=SPECIAL[0], eos_token=SPECIAL[2], chat_template=template,
                              model_max_length=150)


def make(seed, name, kind, template, arguments, activation=None, prompt=False):
    parts = MODEL / "pretrained" / "parts"
    folder = MODEL / "pretrained" / ("reranker-" + name)
    for old in (parts, folder):
        shutil.rmtree(old, ignore_errors=True)
    own = tokenizer(template)
    own.save_pretrained(parts)
    labels = {"num_labels": 1, "pad_token_id": 0} if kind is Qwen3ForSequenceClassification else {}
    network = kind(Qwen3Config(vocab_size=len(own), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
                               head_dim=8, intermediate_size=24, max_position_embeddings=200, tie_word_embeddings=not labels, **labels))
    fill(network, 70 + seed)
    network.save_pretrained(parts)
    modules = [Transformer(str(parts), transformer_task="sequence-classification" if labels else "text-generation", **arguments)]
    if not labels:
        yes, no = own.convert_tokens_to_ids(["yes", "no"])
        modules.append(LogitScore(yes, None if arguments else no))
    prompts = {"prompts": {"search": PROMPT}, "default_prompt_name": "search"} if prompt else {}
    CrossEncoder(modules=modules, activation_fn=activation, device="cpu", **prompts).save_pretrained(str(folder), create_model_card=False)
    scores = CrossEncoder(str(folder), device="cpu").predict(PAIRS, batch_size=4)
    (folder / "expected.json").write_text(json.dumps({
        "pairs": PAIRS, "scores": [float(f"{score:.7g}") for score in scores.tolist()]}) + "\n", encoding="utf-8")
    shutil.rmtree(parts)


def main():
    torch.set_num_threads(1)
    make(0, "yes-no", Qwen3ForCausalLM, TEMPLATE, {}, prompt=True)
    make(1, "one-token", Qwen3ForCausalLM, GENERATING, {"processing_kwargs": {"chat_template": {"add_generation_prompt": True}}},
         torch.nn.Identity())
    make(2, "one-label", Qwen3ForSequenceClassification, TEMPLATE, {})


if __name__ == "__main__":
    main()
