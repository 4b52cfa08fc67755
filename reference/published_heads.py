"""Makes tiny BERT and RoBERTa models with heads of tasks, as transformers saves them, and what they answer to a few inputs, as
core/src/test/resources/dev/slipway/recipe/examples/published-heads.zip.

Run: python reference/published_heads.py (with reference/requirements.txt installed)
"""
import io
import json
import pathlib
import tempfile
import zipfile

import torch
from transformers import (
    BertConfig, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification, RobertaConfig,
    RobertaForSequenceClassification, pipeline,
)

from bert import WORDS, fill, tokenizer

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/recipe/examples/published-heads.zip"
TEXTS = ["the ship sails", "A NEW model is launched and the old ship was building a slipway, the harbour ."]
NAMES = ["down", "even", "up"]


def sizes(roberta, **more):
    named = dict(vocab_size=4 + len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
                 max_position_embeddings=32)
    return {**named, **({"pad_token_id": 1, "type_vocab_size": 1} if roberta else {}), **more}


def labels(names):
    return dict(id2label=dict(enumerate(names)), label2id={name: i for i, name in enumerate(names)})


def classes(model, reader, kind):
    answers = []
    for text in TEXTS:
        logits = model(**reader(text, return_tensors="pt")).logits[0]
        shares = {"single": logits.softmax(-1), "multi": logits.sigmoid(), "number": logits}[kind].tolist()
        apply = {"single": "softmax", "multi": "sigmoid", "number": "none"}[kind]
        told = pipeline("text-classification", model=model, tokenizer=reader)(text, top_k=None, function_to_apply=apply)
        answers.append({"input": {"text": text}, "values": shares, "pipeline": told})
    return answers


def tags(model, reader):
    words = TEXTS[1].replace(",", " ,").split()
    encoded = reader(words, is_split_into_words=True, return_tensors="pt")
    logits = model(**encoded).logits[0]
    firsts = [encoded.word_ids().index(i) for i in range(len(words))]
    entities = pipeline("token-classification", model=model, tokenizer=reader, ignore_labels=[], aggregation_strategy="first")
    told = [[one["entity_group"], float(one["score"]), one["word"]] for one in entities(TEXTS[1].replace(",", " ,"))]
    return [{"pipeline": told, "input": {"words": words}, "tags": [model.config.id2label[int(logits[i].argmax())] for i in firsts],
             "values": [logits[i].softmax(-1).max().item() for i in firsts]}]


def span(model, reader):
    question, context = "the ship", TEXTS[1]
    encoded = reader(question, context, return_tensors="pt", return_offsets_mapping=True)
    parts = encoded.sequence_ids(0)
    types = torch.tensor([[1 if part == 1 or i == len(parts) - 1 else 0 for i, part in enumerate(parts)]])
    result = model(input_ids=encoded.input_ids, token_type_ids=types)
    offsets = encoded.offset_mapping[0].tolist()
    inside = [i for i, part in enumerate(parts) if part == 1]
    _, first, last = max(((result.start_logits[0, i] + result.end_logits[0, j]).item(), i, j)
                         for i in inside for j in inside if i <= j)
    return [{"input": {"question": question, "context": context}, "start": offsets[first][0], "end": offsets[last][1],
             "answer": context[offsets[first][0]:offsets[last][1]]}]


def main():
    torch.manual_seed(11)
    torch.set_num_threads(1)
    cases = {
        "bert-classes": (BertForSequenceClassification(BertConfig(**sizes(False, **labels(NAMES)))), False,
                         lambda m, t: classes(m, t, "single")),
        "roberta-two": (RobertaForSequenceClassification(RobertaConfig(**sizes(True, num_labels=2))), True,
                        lambda m, t: classes(m, t, "single")),
        "roberta-labels": (RobertaForSequenceClassification(RobertaConfig(**sizes(
            True, problem_type="multi_label_classification", **labels(NAMES)))), True, lambda m, t: classes(m, t, "multi")),
        "bert-number": (BertForSequenceClassification(BertConfig(**sizes(False, num_labels=1))), False,
                        lambda m, t: classes(m, t, "number")),
        "bert-tags": (BertForTokenClassification(BertConfig(**sizes(False, **labels(["O", "B-X", "I-X"])))), False, tags),
        "bert-span": (BertForQuestionAnswering(BertConfig(**sizes(False))), False, span),
    }
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(archive, "w") as out, torch.no_grad():
        for number, (name, (model, roberta, answer)) in enumerate(cases.items()):
            fill(model.eval(), number)
            folder = pathlib.Path(temporary) / name
            model.save_pretrained(folder)
            reader = tokenizer(roberta, 30)
            reader.save_pretrained(folder)
            (folder / "expected.json").write_text(json.dumps(answer(model, reader), indent=1))
            for file in sorted(folder.iterdir()):
                out.writestr(zipfile.ZipInfo(f"{name}/{file.name}", (2020, 1, 1, 0, 0, 0)), file.read_bytes(),
                             zipfile.ZIP_DEFLATED, 9)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(archive.getvalue())
    print(f"{len(cases)} models, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
