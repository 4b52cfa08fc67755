"""Measures predictions of two classes with scikit-learn and prints one line of JSON.

Usage: python metrics.py TRUTH SCORES REPEATS     (TRUTH: a byte a row, 0 or 1; SCORES: doubles, little-endian)
"""
import json
import platform
import sys
import time

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score


def main():
    truth = np.fromfile(sys.argv[1], dtype=np.uint8).astype(np.int64)
    scores = np.fromfile(sys.argv[2], dtype="<f8")
    predicted = (scores >= 0.5).astype(np.int64)
    metrics = {
        "roc-auc": lambda: roc_auc_score(truth, scores),
        "average-precision": lambda: average_precision_score(truth, scores),
        "f1": lambda: f1_score(truth, predicted),
        "log-loss": lambda: log_loss(truth, scores),
    }
    result = {"version": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, Python {platform.python_version()}"}
    for name, metric in metrics.items():
        seconds = []
        value = 0.0
        for _ in range(int(sys.argv[3])):
            began = time.perf_counter()
            value = metric()
            seconds.append(time.perf_counter() - began)
        result[name] = {"seconds": seconds, "value": float(value)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
