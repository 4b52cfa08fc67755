"""Works out windows, places of answers and n-best answers as transformers' example run_qa.py does, and scores as SQuAD's script.

In:  the tokenizer of core/src/test/resources/dev/slipway/model/pretrained/sentence-mean. Out: core/src/test/resources/dev/slipway/task/spans.json:
questions with their texts, the windows' ids and types, the first and last token of the answer in each, logits, the answers that they give; pairs of
texts with exact match and F1 by torchmetrics, which has the script of SQuAD 1.1.

    python -m pip install torch==2.15.0 transformers==5.23.0 torchmetrics==1.8.2 lightning-utilities==0.15.2 numpy && python reference/span_answering.py
"""
import json
import pathlib

import numpy
from transformers import AutoTokenizer
from torchmetrics.functional.text import squad

RESOURCES = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway"
LENGTH, STRIDE, LONGEST, BEST = 18, 6, 4, 5
TEXT = "the ship is old , the model sails . a new keel was launched and the harbour is é ü ! the slipway was building ships , and the sail is new"
CASES = [
    ("the ship", TEXT, "new keel"), ("a sail is new ?", TEXT, "é ü"), ("the way", TEXT, "ships"), ("is it old", "the ship is old", "ship is old"),
    ("keel", "\U0001F6A2 the keel is launched \U0001F6A2 and new", "launched"), ("the way", TEXT, None),
]
SCORES = [("The ship!", "ship"), ("a new keel", "the new, new keel"), ("slip way", "way slip"), 
          ("it's é", "its é"), ("ship ship sail", "ship sail sail"), ("old", "new")]


def place(offsets, sequence, start, end):
    first = sequence.index(1)
    last = len(sequence) - 1 - sequence[::-1].index(1)
    if start is None or not (offsets[first][0] <= start and offsets[last][1] >= end):
        return [0, 0]
    while first < len(offsets) and offsets[first][0] <= start and sequence[first] == 1:
        first += 1
    while offsets[last][1] >= end and sequence[last] == 1:
        last -= 1
    return [first - 1, last + 1]


def answers(context, windows, null):
    """postprocess_qa_predictions of run_qa.py, for one example."""
    found, least = [], None
    for start, end, offsets, sequence in windows:
        score = start[0] + end[0]
        least = score if least is None else min(least, score)
        for first in numpy.argsort(start)[-1:-BEST - 1:-1].tolist():
            for last in numpy.argsort(end)[-1:-BEST - 1:-1].tolist():
                if sequence[first] != 1 or sequence[last] != 1 or last < first or last - first + 1 > LONGEST:
                    continue
                found.append((start[first] + end[last], context[offsets[first][0]:offsets[last][1]]))
    best = sorted(found, key=lambda one: one[0], reverse=True)[:BEST]
    if null or not best:
        best.append((least, ""))
    scores = numpy.array([score for score, _ in best])
    shares = numpy.exp(scores - scores.max())
    shares = shares / shares.sum()
    told = best[0][1]
    if null and (not found or least - max(score for score, _ in found) > 0):
        told = ""
    return told, [[text, float(share)] for (_, text), share in zip(best, shares)]


def score(right, told):
    of = squad([dict(prediction_text=told, id="q")], [dict(answers=dict(answer_start=[0], text=[right]), id="q")])
    return [right, told, of["exact_match"].item() / 100, of["f1"].item() / 100]


def main():
    tokenizer = AutoTokenizer.from_pretrained(RESOURCES / "model/pretrained/sentence-mean")
    random = numpy.random.default_rng(3)
    cases = []
    for question, context, answer in CASES:
        encoded = tokenizer(question, context, truncation="only_second", max_length=LENGTH, stride=STRIDE,
                            return_overflowing_tokens=True, return_offsets_mapping=True, return_token_type_ids=True)
        start = context.index(answer) if answer else None
        windows, logits = [], []
        for i, (ids, types, offsets) in enumerate(zip(encoded["input_ids"], encoded["token_type_ids"], encoded["offset_mapping"])):
            sequence = encoded.sequence_ids(i)
            # Quarters, so that sums are exact; no two of one row are equal.
            pair = [(random.permutation(len(ids)) * 0.75 + (0.25 if j else 0)).tolist() for j in range(2)]
            logits.append((pair[0], pair[1], offsets, sequence))
            windows.append(dict(ids=ids, types=types, place=place(offsets, sequence, start, start + len(answer) if answer else None), logits=pair))
        case = dict(question=question, context=context, answer=answer, start=start, windows=windows)
        case["told"], case["best"] = answers(context, logits, False)
        case["told_null"], case["best_null"] = answers(context, logits, True)
        cases.append(case)
    scores = [score(right, told) for right, told in SCORES]
    (RESOURCES / "task/spans.json").write_text(json.dumps(dict(length=LENGTH, stride=STRIDE, longest=LONGEST, candidates=BEST, cases=cases, scores=scores)) + "\n",
                                               encoding="utf-8")


if __name__ == "__main__":
    main()
