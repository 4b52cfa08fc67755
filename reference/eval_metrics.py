"""Makes core/src/test/resources/dev/slipway/eval/metrics.json: sums by document and what NumPy and SciPy say of them.

Run with: python reference/eval_metrics.py  (numpy==2.4.6, scipy==1.17.1)
The resamples are those of ClusterBootstrap (SplitMix64), so its percentiles must equal NumPy's; SciPy's own
bootstrap of the ratio draws others and must come near.
"""

import json
import math
import pathlib

import numpy as np
from scipy import stats

MASK = (1 << 64) - 1
SEED = 1337
RESAMPLES = 2000


def splitmix64(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def percentile_interval(numerators, denominators):
    n = len(numerators)
    draws = splitmix64(SEED)
    ratios = []
    for _ in range(RESAMPLES):
        indices = [int((next(draws) >> 11) * 2.0**-53 * n) for _ in range(n)]
        ratios.append(numerators[indices].sum() / denominators[indices].sum())
    return [float(q) for q in np.percentile(ratios, [2.5, 97.5])]


rng = np.random.default_rng(7)
documents = 37
tokens = rng.integers(20, 2000, documents)
bytes_ = (tokens * rng.uniform(2.5, 4.0, documents)).astype(int)
nats = np.round(tokens * rng.uniform(1.2, 3.1, documents), 3)
correct = (tokens * rng.uniform(0.3, 0.7, documents)).astype(int)

loss = nats.sum() / tokens.sum()
loss_interval = percentile_interval(nats, tokens)
bits_interval = [v / math.log(2) for v in percentile_interval(nats, bytes_)]
scipy_interval = stats.bootstrap(
    (nats, bytes_),
    lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis) / math.log(2),
    paired=True,
    vectorized=True,
    n_resamples=20000,
    method="percentile",
    rng=np.random.default_rng(1),
).confidence_interval

fixture = {
    "seed": SEED,
    "documents": [
        {"nats": float(a), "tokens": int(b), "correct": int(c), "bytes": int(d)}
        for a, b, c, d in zip(nats, tokens, correct, bytes_)
    ],
    "lossPerToken": [float(loss), *loss_interval],
    "perplexity": [math.exp(loss), *(math.exp(v) for v in loss_interval)],
    "bitsPerByte": [float(nats.sum() / math.log(2) / bytes_.sum()), *bits_interval],
    "accuracy": [float(correct.sum() / tokens.sum()), *percentile_interval(correct, tokens)],
    "scipyBitsPerByte": [float(scipy_interval.low), float(scipy_interval.high)],
}
path = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/eval/metrics.json"
path.write_text(json.dumps(fixture, indent=1) + "\n")
