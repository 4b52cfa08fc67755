"""Fixtures for dev.slipway.data.column, from scikit-learn. Run with scikit-learn==1.9.1:

    python reference/table.py core/src/test/resources/dev/slipway/data/column
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

SCALERS = {
    "none": lambda: FunctionTransformer(),
    "standard": StandardScaler,
    "min-max": MinMaxScaler,
    "min-max-symmetric": lambda: MinMaxScaler((-1, 1)),
    "robust": RobustScaler,
}
FILLS = {
    "mean": lambda: SimpleImputer(strategy="mean"),
    "median": lambda: SimpleImputer(strategy="median"),
    "constant": lambda: SimpleImputer(strategy="constant", fill_value=-7.5),
    "own": lambda: SimpleImputer(strategy="mean", add_indicator=False),
}


def number_columns():
    r = np.random.default_rng(7)
    normal = r.normal(50, 12, 60)
    holes = normal.copy()
    holes[::7] = np.nan
    wild = r.lognormal(3, 2, 80)
    wild[5] = np.nan
    return {
        "normal": normal,
        "with holes": holes,
        "wild": wild,
        "one value": np.array([3.25] * 10),
        "one value and holes": np.array([0.1, np.nan, 0.1, 0.1, np.nan]),
        "nearly one value": 1e8 + r.normal(0, 1e-8, 20),
        "single": np.array([2.5]),
        "two": np.array([1.0, 4.0]),
        "large": r.normal(1e9, 1e3, 50),
        "tiny": r.normal(0, 1e-9, 50),
        "integers": r.integers(0, 5, 40).astype(float),
        "ties at quartiles": np.array([1, 1, 1, 1, 2, 3, 3, 3, 9, 100], dtype=float),
    }


def clip(bounds):
    return FunctionTransformer(lambda x: np.clip(x, *bounds))


def bounds(kind, column):
    seen = column[~np.isnan(column)]
    if kind == "keep":
        return None
    if kind == "iqr":
        low, high = np.quantile(seen, [0.25, 0.75])
        return low - 1.5 * (high - low), high + 1.5 * (high - low)
    return seen.mean() - 2 * seen.std(), seen.mean() + 2 * seen.std()


def numbers():
    cases = []
    unseen = np.array([[-3.0], [0.0], [1e4], [np.nan]])
    for name, column in number_columns().items():
        x = column.reshape(-1, 1)
        for fill in FILLS:
            for scaler in SCALERS:
                for outliers in ("keep", "iqr", "z-score"):
                    if outliers != "keep" and (fill == "constant" or scaler == "none"):
                        continue
                    edges = bounds(outliers, column)
                    steps = [clip(edges)] if edges else []
                    line = make_pipeline(*steps, FILLS[fill](), SCALERS[scaler]())
                    line.fit(x)
                    cases.append(
                        {
                            "column": name,
                            "missing": fill,
                            "outliers": outliers,
                            "scaling": scaler,
                            "train": line.transform(x).ravel().tolist(),
                            "unseen": line.transform(unseen).ravel().tolist(),
                        }
                    )
    columns = {k: [None if np.isnan(v) else v for v in c] for k, c in number_columns().items()}
    return {"columns": columns, "unseen": [-3.0, 0.0, 1e4, None], "cases": cases}


def categories():
    columns = {
        "plain": ["b", "a", "c", "a", "b", "a"],
        "with holes": ["x", None, "y", "x", None],
        "code points": ["\U0001f600", "\uff21", "z", "é", "e", "E", " ", "10", "9", "\U0001f600"],
        "one": ["only"] * 4,
        "ties": ["q", "p", "q", "p", None],
    }
    unseen = ["a", "x", "never", None, ""]
    cases = []
    for name, column in columns.items():
        for missing in ("own", "most-frequent", "constant"):
            x = np.array(column, dtype=object).reshape(-1, 1)
            u = np.array(unseen, dtype=object).reshape(-1, 1)
            steps = []
            if missing == "most-frequent":
                steps = [SimpleImputer(missing_values=None, strategy="most_frequent")]
            elif missing == "constant":
                steps = [SimpleImputer(missing_values=None, strategy="constant", fill_value="none")]
            hot = make_pipeline(*steps, OneHotEncoder(handle_unknown="ignore", sparse_output=False)).fit(x)
            ids = make_pipeline(*steps, OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1))
            if missing != "own":  # OrdinalEncoder keeps None as NaN
                train_ids = (ids.fit_transform(x).ravel() + 1).astype(int).tolist()
                unseen_ids = (ids.transform(u).ravel() + 1).astype(int).tolist()
            else:
                train_ids = unseen_ids = None
            cases.append(
                {
                    "column": name,
                    "missing": missing,
                    "categories": [c for c in hot[-1].categories_[0].tolist() if c is not None],
                    "train": hot.transform(x).tolist(),
                    "unseen": hot.transform(u).tolist(),
                    "trainIds": train_ids,
                    "unseenIds": unseen_ids,
                }
            )
    return {"columns": columns, "unseen": unseen, "cases": cases}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"numbers": numbers(), "categories": categories()}.items():
        text = json.dumps(content, allow_nan=False) + "\n"
        (folder / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


main()
