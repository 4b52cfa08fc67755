"""Makes the tiny BERT and RoBERTa models that Slipway's encoders are compared with.

In:  nothing but the libraries named below. Out: core/src/test/resources/dev/slipway/model/encoder/<name>/, a folder as transformers
saves it (config.json, model.safetensors) and expected.json: ids, types and lengths, the logits (or hidden states and the pooler's
output), a loss (the mean of logits times cos(0, 1, 2 ...)) and for each gradient its norm and its product with cos(0, 1, 2 ...).
And .../model/pretrained/<name>/: folders as sentence-transformers saves them with the embeddings of a few texts.

    python -m pip install torch==2.15.0 transformers==5.23.0 sentence-transformers==6.2.0 tokenizers==0.23.3 && python reference/bert.py
"""
import json
import pathlib
import shutil

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification, BertModel, PreTrainedTokenizerFast,
    RobertaConfig, RobertaForMaskedLM, RobertaForSequenceClassification, RobertaForTokenClassification, RobertaModel,
)

MODEL = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/model"
VOCABULARY, POSITIONS = 48, 24


def config(kind, **changes):
    sizes = dict(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
                 max_position_embeddings=POSITIONS)
    return kind(**{**sizes, **changes})


def encoders():
    yield "bert-hidden", BertModel, config(BertConfig), {}
    yield "bert-hidden-bare", BertModel, config(BertConfig, hidden_act="gelu_new"), {"add_pooling_layer": False}
    yield "bert-masked-tied", BertForMaskedLM, config(BertConfig, hidden_act="gelu_pytorch_tanh"), {}
    yield "bert-masked-untied", BertForMaskedLM, config(BertConfig, tie_word_embeddings=False, hidden_act="relu"), {}
    yield "bert-sequence", BertForSequenceClassification, config(BertConfig, num_labels=3, type_vocab_size=3, hidden_act="silu"), {}
    yield "bert-token", BertForTokenClassification, config(BertConfig, id2label={0: "O", 1: "B-X", 2: "I-X"}, layer_norm_eps=1e-3,
                                                           num_attention_heads=2), {}
    yield "roberta-hidden", RobertaModel, config(RobertaConfig, type_vocab_size=1), {}
    yield "roberta-pad", RobertaModel, config(RobertaConfig, type_vocab_size=1, pad_token_id=5, hidden_act="tanh"), {
        "add_pooling_layer": False}
    yield "roberta-masked-tied", RobertaForMaskedLM, config(RobertaConfig, hidden_act="relu"), {}
    yield "roberta-masked-untied", RobertaForMaskedLM, config(RobertaConfig, tie_word_embeddings=False), {}
    yield "roberta-sequence", RobertaForSequenceClassification, config(RobertaConfig, num_labels=1, type_vocab_size=1), {}
    yield "roberta-token", RobertaForTokenClassification, config(RobertaConfig, num_labels=4, type_vocab_size=1,
                                                                 layer_norm_eps=1e-5), {}


def fill(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            # Wide enough that each part shows in the logits; norms stay near one.
            deviation = 0.3 if value.dim() > 1 else 0.1
            value.add_(torch.randn(value.shape, generator=generator) * deviation)


def floats(tensor):
    return [float(f"{x:.7g}") for x in tensor.flatten().tolist()]


def against_cosine(tensor):
    return (tensor.flatten().double() * torch.cos(torch.arange(tensor.numel(), dtype=torch.float64))).sum()


def encoder(seed, name, kind, config, options):
    torch.manual_seed(seed)
    model = kind(config, **options).eval()
    fill(model, seed)
    folder = MODEL / "encoder" / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    generator = torch.Generator().manual_seed(100 + seed)
    lengths, columns = [9, 6, 2], 9
    pad = config.pad_token_id
    ids = torch.randint(0, VOCABULARY, (3, columns), generator=generator)
    types = torch.randint(0, config.type_vocab_size, (3, columns), generator=generator)
    mask = torch.zeros(3, columns, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, length:] = pad
        types[row, length:] = 0
        mask[row, :length] = 1
    result = model(input_ids=ids, attention_mask=mask, token_type_ids=types)
    output = result.logits if hasattr(result, "logits") else result.last_hidden_state
    expected = {"versions": {"torch": torch.__version__, "transformers": transformers.__version__}, "ids": ids.tolist(),
                "types": types.tolist(), "lengths": lengths, "shape": list(output.shape), "output": floats(output)}
    # Only true tokens count: what stands at padding is nobody's to compare.
    true = output * mask.unsqueeze(-1) if output.dim() == 3 else output
    loss = against_cosine(true) / output.numel()
    if getattr(result, "pooler_output", None) is not None:
        expected["pooled"] = floats(result.pooler_output)
        loss = loss + against_cosine(result.pooler_output) / output.numel()
    loss.backward()
    expected["loss"] = loss.item()
    expected["gradients"] = {
        parameter: [value.grad.double().norm().item(), against_cosine(value.grad).item()]
        for parameter, value in model.named_parameters() if value.grad is not None
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")


WORDS = "the a ship slip way sail harbour keel model word ing ##ing ##s ##ed ##er launch build and is was old new . , ! é ü".split()
TEXTS = ["the ship sails", "A NEW model is launched and the old ship was building a slipway, the harbour .", "launching!", "",
         "the keel is new , the sail is old , the ship is old . the model and the word and the keel and the sail and the way",
         "unknown glyphs: 船 and é", "  spaced \t out  ship "]


def tokenizer(roberta, limit):
    specials = ["<s>", "<pad>", "</s>", "<unk>"] if roberta else ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    unknown, begin, end, pad = ("<unk>", "<s>", "</s>", "<pad>") if roberta else ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
    made = Tokenizer(models.WordPiece({token: i for i, token in enumerate(specials + WORDS)}, unk_token=unknown))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", pair=f"{begin} $A {end} $B:1 {end}:1",
        special_tokens=[(token, made.token_to_id(token)) for token in (begin, end)])
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token=unknown, cls_token=begin, sep_token=end, pad_token=pad,
                                   bos_token=begin, eos_token=end, model_max_length=limit)


def sentence_models():
    for mode in Pooling.POOLING_MODES:
        yield "sentence-" + mode, False, dict(pooling_mode=mode), [], {}
    yield "sentence-several", True, dict(pooling_mode=("mean", "max")), ["dense", "normalize"], {}
    yield "sentence-prompt", True, dict(pooling_mode="weightedmean", include_prompt=False), ["normalize"], dict(
        prompts={"query": "the model : "}, default_prompt_name="query")


def sentences(seed, name, roberta, pooling, steps, options):
    limit = 20
    parts = MODEL / "pretrained" / "parts"
    sizes = dict(vocab_size=4 + len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12)
    if roberta:
        network = RobertaModel(RobertaConfig(**sizes, max_position_embeddings=24, type_vocab_size=1), add_pooling_layer=False)
    else:
        network = BertModel(BertConfig(**sizes, max_position_embeddings=20), add_pooling_layer=False)
    fill(network, seed)
    network.save_pretrained(parts)
    tokenizer(roberta, limit).save_pretrained(parts)
    torch.manual_seed(seed)
    transformer = Transformer(str(parts), max_seq_length=limit)
    pool = Pooling(8, **pooling)
    width = pool.pooling_output_dimension
    modules = [transformer, pool]
    for step in steps:
        if step == "dense":
            modules.append(Dense(width, 6))
        else:
            modules.append(Normalize())
    model = SentenceTransformer(modules=modules, device="cpu", **options)
    folder = MODEL / "pretrained" / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(str(folder), create_model_card=False)
    (folder / "expected.json").write_text(json.dumps({
        "texts": TEXTS, "embeddings": [floats(torch.tensor(row)) for row in model.encode(TEXTS)]}) + "\n", encoding="utf-8")
    shutil.rmtree(parts)


def main():
    torch.set_num_threads(1)
    for seed, (name, kind, sizes, options) in enumerate(encoders()):
        encoder(seed, name, kind, sizes, options)
    for seed, (name, roberta, pooling, steps, options) in enumerate(sentence_models()):
        sentences(seed, name, roberta, pooling, steps, options)


if __name__ == "__main__":
    main()
