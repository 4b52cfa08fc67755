"""Makes core/src/test/resources/dev/slipway/eval/metric-fixtures.json.gz: examples of every task and what the
reference implementations say of them: scikit-learn, sacrebleu, rouge-score, jiwer, seqeval.

Run with: python reference/metrics.py  (scikit-learn==1.9.1, sacrebleu==2.6.0, rouge-score==0.1.2, jiwer==4.0.0,
seqeval==1.2.2, scipy==1.17.1, statsmodels==0.15.0, numpy==2.4.6)
A figure that the reference has no number for, or warns of as ill-defined, comes as {"ill": its number or null}.
"""

import gzip
import json
import math
import pathlib
import warnings

import jiwer
import numpy as np
import sacrebleu
import seqeval.metrics
import sklearn.metrics as sk
from rouge_score import rouge_scorer
from scipy import stats
from sklearn.calibration import calibration_curve
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(20)
cases = []


def plain(value):
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value]
    value = float(value)
    return value if math.isfinite(value) else None


def figure(function):
    """The number, or {"ill": ...} where the reference warns or gives none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = plain(function())
        except (ValueError, ZeroDivisionError):
            return {"ill": None}
    ill = [w for w in caught if "Undefined" in w.category.__name__ or "No positive class" in str(w.message)]
    return {"ill": value} if ill or value is None else value


def numbers(array):
    return np.asarray(array).tolist()


# ---- classes


def labels(truth, predicted, classes):
    names = list(range(classes))
    expected = {
        "accuracy": figure(lambda: sk.accuracy_score(truth, predicted)),
        "balanced-accuracy": figure(lambda: sk.balanced_accuracy_score(truth, predicted)),
        "kappa": figure(lambda: sk.cohen_kappa_score(truth, predicted)),
        "kappa-linear": figure(lambda: sk.cohen_kappa_score(truth, predicted, weights="linear", labels=names)),
        "kappa-quadratic": figure(lambda: sk.cohen_kappa_score(truth, predicted, weights="quadratic", labels=names)),
        "mcc": figure(lambda: sk.matthews_corrcoef(truth, predicted)),
    }
    for average in ["micro", "macro", "weighted"]:
        arguments = dict(average=average, zero_division=0)
        expected["precision-" + average] = figure(lambda: sk.precision_score(truth, predicted, **arguments))
        expected["recall-" + average] = figure(lambda: sk.recall_score(truth, predicted, **arguments))
        expected["f1-" + average] = figure(lambda: sk.f1_score(truth, predicted, **arguments))
    arguments = dict(average=None, labels=names, zero_division=0)
    cases.append(
        {
            "kind": "labels",
            "classes": classes,
            "truth": numbers(truth),
            "predicted": numbers(predicted),
            "expected": expected,
            "precision": plain(sk.precision_score(truth, predicted, **arguments)),
            "recall": plain(sk.recall_score(truth, predicted, **arguments)),
            "f1": plain(sk.f1_score(truth, predicted, **arguments)),
            "confusion": numbers(sk.confusion_matrix(truth, predicted, labels=names)),
            "wilson": [
                float(v)
                for v in proportion_confint(int(np.sum(np.equal(truth, predicted))), len(truth), method="wilson")
            ],
        }
    )


for classes in [2, 3, 5, 9]:
    for rows in [1, 2, 3, 10, 57, 200]:
        for skill in [0.0, 0.6]:
            truth = rng.integers(0, classes, rows)
            noise = rng.integers(0, classes, rows)
            labels(truth, np.where(rng.random(rows) < skill, truth, noise), classes)
labels([0, 0, 0], [0, 0, 0], 2)
labels([1, 1, 1], [1, 1, 1], 3)
labels([0, 0, 0, 0], [1, 1, 1, 1], 2)
labels([0, 1, 0, 1], [1, 1, 1, 1], 2)
labels([0, 0, 0, 0], [0, 1, 0, 1], 3)
labels([2], [0], 3)
labels([0, 1, 2, 2], [0, 1, 2, 2], 4)


# ---- scores of two classes


def binary(truth, scores, probabilities):
    truth = np.asarray(truth)
    scores = np.asarray(scores, dtype=np.float64)
    expected = {
        "roc-auc": figure(lambda: sk.roc_auc_score(truth, scores)),
        "average-precision": figure(lambda: sk.average_precision_score(truth, scores)),
    }
    case = {"kind": "binary", "truth": numbers(truth), "scores": numbers(scores), "expected": expected}
    if probabilities:
        expected["log-loss"] = figure(lambda: sk.log_loss(truth, scores, labels=[0, 1]))
        expected["brier"] = figure(lambda: np.mean((scores - truth) ** 2))
        if len(set(truth.tolist())) == 2:
            assert abs(expected["brier"] - sk.brier_score_loss(truth, scores)) < 1e-12
        bins = np.linspace(0, 1, 16)
        at = np.searchsorted(bins[1:-1], scores)
        gaps = [abs(np.sum(truth[at == b]) - np.sum(scores[at == b])) for b in range(15)]
        expected["calibration-error"] = float(np.sum(gaps) / len(truth))
        if len(set(truth.tolist())) == 2:
            observed, told = calibration_curve(truth, scores, n_bins=15)
            case["calibration"] = {"observed": numbers(observed), "predicted": numbers(told)}
    if len(set(truth.tolist())) == 2:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fpr, tpr, thresholds = sk.roc_curve(truth, scores)
            precision, recall, cuts = sk.precision_recall_curve(truth, scores)
        case["roc"] = {"fpr": numbers(fpr), "tpr": numbers(tpr), "thresholds": numbers(thresholds[1:])}
        case["pr"] = {"precision": numbers(precision), "recall": numbers(recall), "thresholds": numbers(cuts)}
        case["youden"] = float(np.max(tpr - fpr))
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
        case["best-f1"] = float(np.max(f1))
        positives = int(truth.sum())
        negatives = len(truth) - positives
        fpr, tpr, _ = sk.roc_curve(truth, scores, drop_intermediate=False)
        case["least-cost"] = float(np.min(1 * fpr * negatives + 5 * (1 - tpr) * positives) / len(truth))
    cases.append(case)


for rows in [2, 3, 8, 40, 150]:
    for rounding in [16, 2, 1]:
        for share in [0.5, 0.1]:
            truth = (rng.random(rows) < share).astype(int)
            scores = np.clip(np.round(0.25 * truth + 0.75 * rng.random(rows), rounding), 0, 1)
            binary(truth, scores, True)
            binary(truth, np.round(rng.normal(size=rows) + truth, rounding), False)
binary([0, 0, 0], [0.1, 0.5, 0.9], True)
binary([1, 1, 1], [0.1, 0.5, 0.9], True)
binary([0, 1, 0, 1, 1], [0.5] * 5, True)
binary([0, 1], [0.0, 1.0], True)
binary([1, 0], [0.0, 1.0], True)
binary([1], [0.3], True)
binary([0], [0.3], True)
binary([1, 0, 1, 0], [0.0, -0.0, -0.0, 0.0], False)
binary([0, 1, 1, 0], [1e-300, 1e300, -1e300, 5e-324], False)
binary([0, 1] * 15, np.repeat(np.arange(15) / 14, 2), True)
binary([0, 1] * 16, np.repeat(np.linspace(0, 1, 16), 2), True)


# ---- scores of several classes


def multi(truth, scores, probabilities):
    truth = np.asarray(truth)
    scores = np.asarray(scores, dtype=np.float64)
    names = list(range(scores.shape[1]))
    expected = {}
    for way in ["ovr", "ovo"]:
        for average in ["macro", "weighted"]:
            expected[f"roc-auc-{way}-{average}"] = (
                figure(lambda: sk.roc_auc_score(truth, scores, multi_class=way, average=average, labels=names))
                if probabilities
                else None
            )
    for k in range(1, len(names)):
        expected[f"top-{k}-accuracy"] = figure(lambda: sk.top_k_accuracy_score(truth, scores, k=k, labels=names))
    if probabilities:
        expected["log-loss"] = figure(lambda: sk.log_loss(truth, scores, labels=names))
        expected["brier"] = figure(lambda: sk.brier_score_loss(truth, scores, labels=names))
        predicted = scores.argmax(axis=1)
        told = scores.max(axis=1)
        at = np.searchsorted(np.linspace(0, 1, 16)[1:-1], told)
        right = (predicted == truth).astype(float)
        gaps = [abs(np.sum(right[at == b]) - np.sum(told[at == b])) for b in range(15)]
        expected["calibration-error"] = float(np.sum(gaps) / len(truth))
    expected = {name: value for name, value in expected.items() if value is not None}
    cases.append({"kind": "multi", "truth": numbers(truth), "scores": numbers(scores), "expected": expected})


for classes in [3, 4, 7]:
    for rows in [classes, 20, 90]:
        for steps in [None, 8]:
            truth = np.concatenate([np.arange(classes), rng.integers(0, classes, rows - classes)])
            scores = rng.random((rows, classes)) + 0.5 * np.eye(classes)[truth]
            if steps:
                scores = np.ceil(scores * steps)
            multi(truth, scores / scores.sum(axis=1, keepdims=True), True)
            multi(truth, np.round(rng.normal(size=(rows, classes)), 1), False)
multi([0, 1, 2], np.eye(3), True)
multi([0, 1, 2], np.eye(3)[[1, 2, 0]], True)
multi([0, 1, 2, 1], np.full((4, 3), 1 / 3), True)
multi([0, 1, 1], [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]], True)
multi([2], [[0.2, 0.3, 0.5]], True)


# ---- labels


def multilabel(truth, scores, threshold):
    truth = np.asarray(truth)
    scores = np.asarray(scores, dtype=np.float64)
    predicted = (scores >= threshold).astype(int)
    expected = {
        "subset-accuracy": figure(lambda: sk.accuracy_score(truth, predicted)),
        "hamming-loss": figure(lambda: sk.hamming_loss(truth, predicted)),
        "average-precision-macro": figure(lambda: sk.average_precision_score(truth, scores, average="macro")),
        "roc-auc-macro": figure(lambda: sk.roc_auc_score(truth, scores, average="macro")),
    }
    for average in ["micro", "macro", "weighted"]:
        arguments = dict(average=average, zero_division=0)
        expected["f1-" + average] = figure(lambda: sk.f1_score(truth, predicted, **arguments))
        if average != "weighted":
            expected["precision-" + average] = figure(lambda: sk.precision_score(truth, predicted, **arguments))
            expected["recall-" + average] = figure(lambda: sk.recall_score(truth, predicted, **arguments))
    cases.append(
        {
            "kind": "multilabel",
            "truth": numbers(truth),
            "scores": numbers(scores),
            "threshold": threshold,
            "expected": expected,
        }
    )


for count in [2, 3, 6]:
    for rows in [2, 12, 80]:
        for rounding in [16, 1]:
            truth = (rng.random((rows, count)) < 0.4).astype(int)
            multilabel(truth, np.round(0.3 * truth + 0.7 * rng.random((rows, count)), rounding), 0.5)
multilabel([[0, 0], [0, 0]], [[0.1, 0.2], [0.3, 0.4]], 0.5)
multilabel([[1, 1], [1, 1]], [[0.9, 0.8], [0.7, 0.6]], 0.5)
multilabel([[1, 0, 1]], [[0.9, 0.8, 0.2]], 0.5)
multilabel([[1, 0], [0, 0]], [[0.5, 0.5], [0.5, 0.5]], 0.5)


# ---- numbers


def regression(truth, predicted):
    expected = {
        "mse": figure(lambda: sk.mean_squared_error(truth, predicted)),
        "rmse": figure(lambda: sk.root_mean_squared_error(truth, predicted)),
        "mae": figure(lambda: sk.mean_absolute_error(truth, predicted)),
        "r2": figure(lambda: sk.r2_score(truth, predicted)),
        "mape": figure(lambda: sk.mean_absolute_percentage_error(truth, predicted)),
        "median-absolute-error": figure(lambda: sk.median_absolute_error(truth, predicted)),
    }
    for alpha in [0.0, 0.1, 0.5, 0.9]:
        expected[f"pinball[{alpha}]"] = figure(lambda: sk.mean_pinball_loss(truth, predicted, alpha=alpha))
    cases.append(
        {"kind": "regression", "truth": numbers(truth), "predicted": numbers(predicted), "expected": expected}
    )


for rows in [1, 2, 5, 30, 300]:
    for scale in [1e-3, 1.0, 1e6]:
        truth = rng.normal(size=rows) * scale
        regression(truth, truth + rng.normal(size=rows) * scale * 0.3)
        regression(np.round(truth / scale), np.round(truth / scale + rng.normal(size=rows)))
regression([3.0, 3.0, 3.0], [3.0, 3.0, 3.0])
regression([3.0, 3.0, 3.0], [3.0, 3.0, 4.0])
regression([0.0, 0.0], [0.0, 1.0])
regression([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
regression([1e9 + 1, 1e9 + 2, 1e9 + 3], [1e9 + 1, 1e9 + 2, 1e9 + 4])


# ---- text

WORDS = (
    "the a cat dog house runs quickly over under 3.14 1,000 well-known it's U.S. co-op, end. (really) \"quoted\" "
    "straße Größe élan 日本 語 naïve e-mail 12-13 50% $5 and/or & &amp; &quot;x&quot; don't 😀 <skipped> [x] {y} ~ ^"
).split()


def sentence(length):
    return " ".join(rng.choice(WORDS, length)) + rng.choice(["", ".", "!", " ?", "..."])


def altered(text, chance):
    words = [w for w in text.split(" ") if rng.random() > chance / 3]
    return " ".join(rng.choice(WORDS) if rng.random() < chance else w for w in words)


def text(references, told):
    most = max(len(given) for given in references)
    streams = [[given[i] if i < len(given) else None for given in references] for i in range(most)]
    bleu = sacrebleu.BLEU()
    chrf = sacrebleu.CHRF()
    chrf_words = sacrebleu.CHRF(word_order=2)
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"])
    rouge = [scorer.score_multi(given, one) for given, one in zip(references, told)]
    expected = {
        "bleu": bleu.corpus_score(told, streams).score,
        "chrf": chrf.corpus_score(told, streams).score,
        "chrf++": chrf_words.corpus_score(told, streams).score,
        "rouge-1": float(np.mean([r["rouge1"].fmeasure for r in rouge])),
        "rouge-2": float(np.mean([r["rouge2"].fmeasure for r in rouge])),
        "rouge-l": float(np.mean([r["rougeL"].fmeasure for r in rouge])),
    }
    signatures = [str(bleu.get_signature()), str(chrf.get_signature()), str(chrf_words.get_signature())]
    cases.append(
        {"kind": "text", "references": references, "told": told, "expected": expected, "signatures": signatures}
    )


for count in [1, 3, 10]:
    for given in [1, 2, 3]:
        for chance in [0.0, 0.2, 0.6]:
            for length in [5, 18]:
                references, told = [], []
                for _ in range(count):
                    first = sentence(length)
                    references.append([first] + [altered(first, 0.3) for _ in range(given - 1)])
                    told.append(altered(first, chance))
                text(references, told)
text([["a b c d e"]], [""])
text([[""]], ["a b c d e"])
text([[""]], [""])
text([["one"]], ["one"])
text([["one two three"]], ["one two three"])
text([["one two three four"]], ["five six seven eight"])
text([["one two three four"]], ["four three two one"])
text([["A\tb\u00a0c\u2003d  e f"]], ["A b c d e f"])
text([["line one\nline two-\nend of it"]], ["line one line twoend of it"])
text([["a b c d e f", "a b c"], ["g h i j k"]], ["a b c d", "g h i j k"])
text([["the Cat sat."], ["It costs 5,000.50 dollars-ish"]], ["the cat sat .", "it costs 5,000.50 dollars ish"])
text([["Hello, World!"]], ["hello world"])


def speech(references, told):
    expected = {}
    for name, function in [("wer", jiwer.wer), ("cer", jiwer.cer)]:
        value = float(function(references, told))
        whole = "".join(references).split()
        expected[name] = value if whole else {"ill": value}
    cases.append({"kind": "speech", "references": references, "told": told, "expected": expected})


for count in [1, 4, 15]:
    for chance in [0.0, 0.1, 0.4, 0.9]:
        for length in [2, 12]:
            references = [sentence(length) for _ in range(count)]
            speech(references, [altered(reference, chance) for reference in references])
speech(["one two"], [""])
speech(["", "one two"], ["x", "one"])
speech([""], [""])
speech(["  "], ["a b"])
speech(["a  b   c"], ["a b c"])
speech(["a\tb c"], ["a b c"])
speech([" a b "], ["a b"])
speech(["日本語"], ["日本誤"])
speech(["😀 a"], ["😁 a"])


# ---- ranked lists


def ranking(relevance, scores):
    expected = {}
    for k in [1, 3, 10]:
        expected[f"ndcg@{k}"] = float(
            np.mean([sk.ndcg_score([r], [s], k=k) if len(r) > 1 else float(r[0] > 0) for r, s in zip(relevance, scores)])
        )
    with_any = [(np.asarray(r), np.asarray(s)) for r, s in zip(relevance, scores) if max(r) > 0]
    if with_any:
        expected["map"] = float(np.mean([sk.average_precision_score(r > 0, s) for r, s in with_any]))
        orders = [(r > 0)[np.argsort(-s, kind="stable")] for r, s in with_any]
        expected["mrr"] = float(np.mean([1 / (1 + np.argmax(hits)) for hits in orders]))
        for k in [1, 3, 10]:
            expected[f"recall@{k}"] = float(np.mean([hits[:k].sum() / hits.sum() for hits in orders]))
    else:
        expected["map"] = {"ill": None}
    cases.append(
        {
            "kind": "ranking",
            "relevance": [numbers(r) for r in relevance],
            "scores": [numbers(s) for s in scores],
            "expected": expected,
        }
    )


for queries in [1, 4, 20]:
    for items in [2, 5, 40]:
        for graded in [1, 4]:
            for rounding in [16, 1]:
                relevance = [
                    rng.integers(0, graded + 1, items) * (rng.random(items) < 0.5) for _ in range(queries)
                ]
                scores = [np.round(0.1 * r + rng.random(items), rounding) for r in relevance]
                ranking([r.astype(float) for r in relevance], scores)
ranking([[0.0, 0.0]], [[1.0, 2.0]])
ranking([[1.0, 1.0]], [[1.0, 1.0]])
ranking([[0.0, 3.0, 1.0]], [[5.0, 5.0, 5.0]])
ranking([[1.0]], [[0.0]])


# ---- tags


def tagging(truth, predicted):
    expected = {"token-accuracy": seqeval.metrics.accuracy_score(truth, predicted)}
    entities = sum(
        len(seqeval.metrics.sequence_labeling.get_entities(tags)) for tags in truth + predicted
    )
    for average in ["micro", "macro", "weighted"]:
        arguments = dict(average=average, zero_division=0)
        if entities:
            expected["entity-f1-" + average] = float(seqeval.metrics.f1_score(truth, predicted, **arguments))
    if entities:
        expected["entity-precision-micro"] = float(
            seqeval.metrics.precision_score(truth, predicted, zero_division=0)
        )
        expected["entity-recall-micro"] = float(seqeval.metrics.recall_score(truth, predicted, zero_division=0))
    else:
        expected["entity-f1-micro"] = {"ill": 0.0}
    chunks = [
        [[t, int(a), int(b)] for t, a, b in seqeval.metrics.sequence_labeling.get_entities(tags)] for tags in truth
    ]
    cases.append(
        {"kind": "tagging", "truth": truth, "predicted": predicted, "expected": expected, "entities": chunks}
    )


TAGS = ["O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-LOC", "S-ORG", "I-A-B"]
for count in [1, 3, 12]:
    for length in [1, 6, 25]:
        for chance in [0.0, 0.2, 0.8]:
            truth = [rng.choice(TAGS, length).tolist() for _ in range(count)]
            predicted = [[str(rng.choice(TAGS)) if rng.random() < chance else t for t in tags] for tags in truth]
            tagging(truth, predicted)
tagging([["O", "O"]], [["O", "O"]])
tagging([["B-PER", "I-PER"]], [["O", "O"]])
tagging([["O", "O"]], [["B-PER", "I-PER"]])
tagging([["I-PER", "I-LOC", "B-LOC"]], [["B-PER", "B-LOC", "I-LOC"]])

# ---- two models on the same examples

for only_first, only_second in [(0, 0), (1, 0), (3, 9), (12, 12), (5, 25), (40, 61), (300, 250), (0, 20)]:
    table = [[10, only_first], [only_second, 10]]
    plain_chi = None
    corrected = None
    if only_first + only_second:
        plain_chi = mcnemar(table, exact=False, correction=False)
        corrected = mcnemar(table, exact=False, correction=True)
        exact = stats.binomtest(only_first, only_first + only_second).pvalue
        assert abs(exact - mcnemar(table, exact=True).pvalue) < 1e-12
    cases.append(
        {
            "kind": "mcnemar",
            "onlyFirst": only_first,
            "onlySecond": only_second,
            "exact": float(exact) if only_first + only_second else 1.0,
            "chi": float(plain_chi.statistic) if plain_chi else None,
            "p": float(plain_chi.pvalue) if plain_chi else None,
            "correctedChi": float(corrected.statistic) if corrected else None,
            "correctedP": float(corrected.pvalue) if corrected else None,
        }
    )

target = pathlib.Path(__file__).parents[1] / "core/src/test/resources/dev/slipway/eval/metric-fixtures.json.gz"
content = json.dumps(cases, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
target.write_bytes(gzip.compress(content, mtime=0))
print(len(cases), "cases,", sum(len(case.get("expected", {})) for case in cases), "figures,", target.stat().st_size, "bytes")
