"""Matrix factorisation with biases on MovieLens-100k in PyTorch: the peer of FactorisationBench.

    python factorisation.py ml-100k.zip --factors 64 --validation   # settings are chosen on this
    python factorisation.py ml-100k.zip --factors 64                # RMSE on ua.test
"""

import argparse
import io
import time
import zipfile

import numpy as np
import torch


def ratings(archive, name):
    with zipfile.ZipFile(archive) as opened, opened.open(f"ml-100k/{name}") as file:
        table = np.loadtxt(io.TextIOWrapper(file, "utf-8"), dtype=np.int64)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.float32)


class Factorisation(torch.nn.Module):
    def __init__(self, users, items, factors, deviation):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.zeros(1))
        self.user_bias = torch.nn.Parameter(torch.zeros(users, 1))
        self.item_bias = torch.nn.Parameter(torch.zeros(items, 1))
        self.user_factors = torch.nn.Parameter(torch.randn(users, max(factors, 1)) * deviation)
        self.item_factors = torch.nn.Parameter(torch.randn(items, max(factors, 1)) * deviation)
        self.factors = factors

    def forward(self, user, item):
        score = self.mean + self.user_bias[user, 0] + self.item_bias[item, 0]
        if self.factors:
            score = score + (self.user_factors[user] * self.item_factors[item]).sum(1)
        return score


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("archive")
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--optimizer", choices=["adam", "adamw"], default="adam")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=2.5e-4)
    parser.add_argument("--bias-decay", type=float, default=0.0, help="Slipway leaves biases alone")
    parser.add_argument("--deviation", type=float, default=0.1)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--validation", action="store_true", help="judge by five of each user in ua.base")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--curve", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    train = ratings(args.archive, "ua.base")
    if args.validation:
        # As ua.test was made: as many ratings of each user (half of ua.test's ten).
        shuffled = np.random.default_rng(7).permutation(len(train[0]))
        rank = {}
        held = np.zeros(len(shuffled), dtype=bool)
        for row in shuffled:
            rank[train[0][row]] = rank.get(train[0][row], 0) + 1
            held[row] = rank[train[0][row]] <= 5
        test = [column[held] for column in train]
        train = [column[~held] for column in train]
    else:
        test = ratings(args.archive, "ua.test")
    mean, deviation = train[2].mean(), train[2].std()
    user, item, rating = (torch.from_numpy(column) for column in train)
    target = (rating - mean) / deviation
    model = Factorisation(1000, 2000, args.factors, args.deviation)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[args.optimizer]
    optimizer = kind(
        [
            {"params": [model.user_factors, model.item_factors], "weight_decay": args.decay},
            {"params": [model.mean, model.user_bias, model.item_bias], "weight_decay": args.bias_decay},
        ],
        lr=args.rate,
    )
    steps = args.epochs * -(-len(rating) // args.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    started = time.time()

    def rmse():
        with torch.no_grad():
            estimate = model(torch.from_numpy(test[0]), torch.from_numpy(test[1])) * deviation + mean
        return float(((estimate - torch.from_numpy(test[2])) ** 2).mean() ** 0.5)

    for epoch in range(args.epochs):
        order = torch.randperm(len(rating))
        for start in range(0, len(order), args.batch):
            rows = order[start : start + args.batch]
            loss = ((model(user[rows], item[rows]) - target[rows]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if args.curve:
            print(f"  epoch {epoch + 1} {rmse():.4f}")
    print(f"factors {args.factors} {args.optimizer} rate {args.rate:g} decay {args.decay:g} epochs "
          f"{args.epochs} seed {args.seed}: RMSE {rmse():.4f} in {time.time() - started:.1f} s")


if __name__ == "__main__":
    main()
