"""The network of recipes/digits in PyTorch on the same files (train-…, t10k-… of the dataset `mnist`):

    SLIPWAY_DATASETS=FOLDER python bench/peers/digits.py [--seeds 1 2 3] [--epochs 10] [--first-values keras|torch]

Prints the test accuracy of each seed. Pictures are scaled to 0..1 and not augmented. Needs train-requirements.txt.
"""

import argparse
import gzip
import os
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--first-values", choices=["keras", "torch"], default="torch")
args = parser.parse_args()
torch.set_num_threads(2)
folder = pathlib.Path(os.environ["SLIPWAY_DATASETS"]) / "mnist"


def idx(name, head):
    with gzip.open(folder / name) as file:
        return np.frombuffer(file.read(), np.uint8)[head:]


def split(name):
    pictures = torch.from_numpy(idx(f"{name}-images-idx3-ubyte.gz", 16).copy()).view(-1, 1, 28, 28).float() / 255
    return pictures, torch.from_numpy(idx(f"{name}-labels-idx1-ubyte.gz", 8).astype(np.int64))


x, y = split("train")
test_x, test_y = split("t10k")
for seed in args.seeds:
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 13 * 13, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    if args.first_values == "keras":
        for layer in network:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    for _ in range(args.epochs):
        for batch in torch.randperm(len(x)).split(args.batch):
            optimizer.zero_grad()
            F.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        right = (network(test_x).argmax(1) == test_y).float().mean().item()
    print(f"{args.first_values} seed {seed}: {len(x):,} pictures, {args.epochs} epochs, test accuracy {right:.4f}", flush=True)
