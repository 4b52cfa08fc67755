"""Two models on the same examples, as scipy and statsmodels compare them, for ComparisonTest.

Writes core/src/test/resources/dev/slipway/eval/paired.json: losses and right answers of both, the percentile interval
of the mean paired difference (scipy's bootstrap), the share of its resamples that are ahead, McNemar's test.

Run: python reference/paired_comparison.py (numpy==2.4.6, scipy==1.17.1, statsmodels==0.15.0)
"""

import json
import pathlib

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

RESAMPLES = 100_000


def compared(first, second, higher):
    found = stats.bootstrap(
        (np.asarray(first, float), np.asarray(second, float)), lambda a, b, axis: b.mean(axis=axis) - a.mean(axis=axis),
        paired=True, vectorized=True, n_resamples=RESAMPLES, batch=1000, method="percentile",
        rng=np.random.default_rng(1))
    draws = found.bootstrap_distribution
    draws = np.where(np.abs(draws) < 1e-12, 0, draws if higher else -draws)
    return {
        "interval": [float(found.confidence_interval.low), float(found.confidence_interval.high)],
        "ahead": float((draws > 0).mean() + (draws == 0).mean() / 2),
    }


def main():
    rng = np.random.default_rng(11)
    cases = []
    for examples, gain in [(20, 0.3), (60, 0.1), (60, 0.0), (150, 0.05)]:
        hard = rng.gamma(2.0, 1.0, examples)
        first = np.round(hard + rng.normal(0, 0.4, examples), 3).tolist()
        second = np.round(hard - gain + rng.normal(0, 0.4, examples), 3).tolist()
        was, now = [loss < 1.5 for loss in first], [loss < 1.5 for loss in second]
        table = [[sum(a == x and b == y for a, b in zip(was, now)) for y in (True, False)] for x in (True, False)]
        cases.append({
            "first": first, "second": second, "limit": 1.5, "loss": compared(first, second, False),
            "accuracy": compared(was, now, True), "mcnemar": float(mcnemar(table, exact=True).pvalue)})
    target = pathlib.Path(__file__).parents[1] / "core/src/test/resources/dev/slipway/eval/paired.json"
    target.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
