"""A CSV to shuffled batches with pandas and PyTorch's DataLoader; prints JSON. Arguments: file, batch size.

Both ways in which people feed a table are measured: `DataLoader(TensorDataset)`, which collates row by row, on a part
of the batches, and the fastest that DataLoader has, a BatchSampler whose index lists cut the tensors at once.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

CATEGORIES = ["c1", "c2", "c3", "c4"]
NUMBERS = [f"n{i}" for i in range(1, 9)]
PART = 200


class Rows(torch.utils.data.Dataset):
    def __init__(self, *tensors):
        self.tensors = tensors

    def __len__(self):
        return len(self.tensors[0])

    def __getitem__(self, rows):
        return [tensor[rows] for tensor in self.tensors]


def main():
    path, batch = sys.argv[1], int(sys.argv[2])
    torch.manual_seed(1)
    torch.set_num_threads(2)
    began = time.perf_counter()
    table = pd.read_csv(path, dtype={c: "category" for c in CATEGORIES})
    read = time.perf_counter() - began
    numbers = table[NUMBERS]
    numbers = numbers.fillna(numbers.median())
    numbers = ((numbers - numbers.mean()) / numbers.std(ddof=0)).to_numpy(np.float32)
    ids = np.stack([table[c].cat.codes.to_numpy(np.int32) + 1 for c in CATEGORIES], axis=1)
    tensors = torch.from_numpy(numbers), torch.from_numpy(ids)
    prepared = time.perf_counter() - began
    rows = Rows(*tensors)
    loader = DataLoader(rows, sampler=BatchSampler(RandomSampler(rows), batch, False), batch_size=None)
    seen, total = 0, 0.0
    for x, c in loader:
        seen += len(x)
        total += float(x[0, 0]) + float(c[0, 0])
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    plain = 0
    for i, (x, c) in enumerate(DataLoader(TensorDataset(*tensors), batch_size=batch, shuffle=True)):
        plain += len(x)
        if i + 1 == PART:
            break
    by_row = time.perf_counter() - began
    print(
        json.dumps(
            {
                "rows": seen,
                "read": read,
                "prepared": prepared,
                "seconds": seconds,
                "seconds_by_row": prepared + by_row * seen / plain,
                "mean": float(numbers[:, 0].astype(np.float64).mean()),
                "square": float((numbers.astype(np.float64) ** 2).sum()),
                "ids": int(ids.max(axis=0).sum()),
                "version": f"pandas {pd.__version__}, torch {torch.__version__}",
            }
        )
    )


main()
