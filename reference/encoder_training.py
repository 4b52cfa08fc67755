"""Trains tiny BERT and RoBERTa models by transformers for 20 steps, which Slipway's losses are compared with.

In:  nothing but the libraries named below. Out: core/src/test/resources/dev/slipway/model/encoder-training.zip: for each case a folder as
transformers saves it (without dropout), batches.json (ids, types, lengths and labels of each step) and losses.json (the loss of each step
before its update). Cases: texts of three classes, of two, of several labels, a number, tags (at words' first tokens), spans, masked tokens.

    python -m pip install torch==2.15.0 transformers==5.23.0 && python reference/encoder_training.py
"""
import io
import json
import pathlib
import tempfile
import zipfile

import torch
from transformers import (
    BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification, RobertaConfig,
    RobertaForQuestionAnswering, RobertaForSequenceClassification, RobertaForTokenClassification,
)

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/model/encoder-training.zip"
STEPS, ROWS, COLUMNS, VOCABULARY = 20, 4, 10, 40

CASES = {
    "bert-classes": (BertForSequenceClassification, BertConfig, dict(num_labels=3)),
    "bert-two": (BertForSequenceClassification, BertConfig, dict(num_labels=2)),
    "bert-labels": (BertForSequenceClassification, BertConfig, dict(num_labels=3, problem_type="multi_label_classification")),
    "roberta-number": (RobertaForSequenceClassification, RobertaConfig, dict(num_labels=1, problem_type="regression")),
    "roberta-classes": (RobertaForSequenceClassification, RobertaConfig, dict(num_labels=4)),
    "bert-tags": (BertForTokenClassification, BertConfig, dict(num_labels=3)),
    "roberta-tags": (RobertaForTokenClassification, RobertaConfig, dict(num_labels=3)),
    "bert-span": (BertForQuestionAnswering, BertConfig, {}),
    "roberta-span": (RobertaForQuestionAnswering, RobertaConfig, {}),
    "bert-masked": (BertForMaskedLM, BertConfig, {}),
}


def batch(kind, config, generator):
    lengths = torch.randint(4, COLUMNS + 1, (ROWS,), generator=generator)
    lengths[0] = COLUMNS
    ids = torch.randint(3, VOCABULARY, (ROWS, COLUMNS), generator=generator)
    types = torch.randint(0, config.type_vocab_size, (ROWS, COLUMNS), generator=generator)
    mask = (torch.arange(COLUMNS)[None] < lengths[:, None]).long()
    ids = torch.where(mask == 1, ids, config.pad_token_id)
    types = types * mask
    given = dict(input_ids=ids, token_type_ids=types, attention_mask=mask)
    written = dict(ids=ids.tolist(), types=types.tolist(), lengths=lengths.tolist())
    name = kind.__name__
    if "TokenClassification" in name:
        starts = [[0] + [t for t in range(1, length) if (7 * t + row) % 3 > 0] for row, length in enumerate(lengths.tolist())]
        words = [torch.randint(0, config.num_labels, (len(row),), generator=generator) for row in starts]
        labels = torch.full((ROWS, COLUMNS), -100)
        for row, places in enumerate(starts):
            labels[row, places] = words[row]
        given["labels"] = labels
        written |= dict(starts=starts, labels=[row.tolist() for row in words])
    elif "QuestionAnswering" in name:
        start = (torch.rand(ROWS, generator=generator) * lengths).long()
        end = start + (torch.rand(ROWS, generator=generator) * (lengths - start)).long()
        given |= dict(start_positions=start, end_positions=end)
        written["labels"] = torch.stack([start, end], 1).tolist()
    elif "MaskedLM" in name:
        labels = torch.where((torch.rand(ROWS, COLUMNS, generator=generator) < 0.3) & (mask == 1), ids, -100)
        labels[0, 0] = ids[0, 0]
        given["labels"] = labels
        written["labels"] = labels.tolist()
    elif config.problem_type == "regression":
        given["labels"] = torch.randn(ROWS, generator=generator)
        written["labels"] = given["labels"].tolist()
    elif config.problem_type == "multi_label_classification":
        given["labels"] = torch.randint(0, 2, (ROWS, config.num_labels), generator=generator).float()
        written["labels"] = given["labels"].tolist()
    else:
        given["labels"] = torch.randint(0, config.num_labels, (ROWS,), generator=generator)
        written["labels"] = given["labels"].tolist()
    return given, written


def main():
    torch.set_num_threads(1)
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for seed, (name, (kind, sizes, options)) in enumerate(CASES.items()):
            config = sizes(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
                           max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2, **options)
            torch.manual_seed(seed)
            model = kind(config).train()
            folder = pathlib.Path(temporary) / name
            model.save_pretrained(folder)
            optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
            generator = torch.Generator().manual_seed(100 + seed)
            batches, losses = [], []
            for _ in range(STEPS):
                given, written = batch(kind, config, generator)
                loss = model(**given).loss
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                batches.append(written)
                losses.append(float(f"{loss.item():.7g}"))
            files = {file: (folder / file).read_bytes() for file in ("config.json", "model.safetensors")}
            files["batches.json"] = json.dumps(batches).encode()
            files["losses.json"] = json.dumps(losses).encode()
            for file, content in sorted(files.items()):
                entry = zipfile.ZipInfo(f"{name}/{file}", (2026, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(entry, content)
            print(name, losses[0], losses[-1])
    OUT.write_bytes(archive.getvalue())
    print(OUT.name, len(archive.getvalue()))


if __name__ == "__main__":
    main()
