"""Fixture for dev.slipway.optim: losses of a small perceptron, from PyTorch. Run with torch==2.15.0:

    python reference/optimizers.py core/src/test/resources/dev/slipway/optim

Weights and batches follow from formulas that the Java test repeats, so that only losses are stored: one list of 50 for each
optimizer under each schedule, by names that the test has too. Vectors have no penalty and no decay, as in Slipway.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from optim import newton_schulz_float32

STEPS, ROWS, INPUTS, HIDDEN, CLASSES = 50, 16, 9, 19, 4


def formula(shape, phase, size):
    n = math.prod(shape)
    return (torch.tensor([math.sin(0.7 * (i + 1) + phase) for i in range(n)], dtype=torch.float64) * size).float().view(shape)


def batch(step):
    x = [[math.sin((step * ROWS + i + 1) * (j + 1.3)) for j in range(INPUTS)] for i in range(ROWS)]
    y = [math.floor(sum(row) * 2) % CLASSES for row in x]
    return torch.tensor(x, dtype=torch.float64).float(), torch.tensor(y)


def factors(schedule, warmup=5, floor=0.1, decay=12):
    def factor(s):
        if s < warmup:
            return (s + 1) / (warmup + 1)
        progress = (s - warmup) / (STEPS - warmup)
        return {
            "constant": lambda: 1.0,
            "linear": lambda: 1 - (1 - floor) * progress,
            "cosine": lambda: floor + (1 - floor) * (1 + math.cos(math.pi * progress)) / 2,
            "warmup-stable-decay": lambda: 1.0 if s < STEPS - decay else 1 - (1 - floor) * (s - STEPS + decay) / decay,
        }[schedule]()
    return factor


def train(make, schedule, l1=0.0):
    weights = [
        torch.nn.Parameter(formula((HIDDEN, INPUTS), 0.1, 0.5)), torch.nn.Parameter(formula((HIDDEN,), 0.2, 0.1)),
        torch.nn.Parameter(formula((CLASSES, HIDDEN), 0.3, 0.4)), torch.nn.Parameter(formula((CLASSES,), 0.4, 0.1)),
    ]
    optimizers = make(weights)
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, factors(schedule)) for o in optimizers]
    losses = []
    for step in range(STEPS):
        x, y = batch(step)
        loss = F.cross_entropy(F.linear(torch.tanh(F.linear(x, weights[0], weights[1])), weights[2], weights[3]), y)
        for weight in weights:
            weight.grad = None
        loss.backward()
        if l1:
            for weight in (weights[0], weights[2]):
                weight.grad += l1 * weight.detach().sign()
        for optimizer in optimizers:
            optimizer.step()
        for s in schedules:
            s.step()
        losses.append(loss.item())
    return losses


def groups(weights, decay):
    return [{"params": [weights[0], weights[2]], "weight_decay": decay}, {"params": [weights[1], weights[3]], "weight_decay": 0.0}]


OPTIMIZERS = {
    "sgd": (lambda w: [torch.optim.SGD(groups(w, 0), lr=0.3, foreach=False)], 0),
    "sgd-momentum": (lambda w: [torch.optim.SGD(groups(w, 0.01), lr=0.1, momentum=0.9, dampening=0.2, foreach=False)], 0),
    "sgd-nesterov": (lambda w: [torch.optim.SGD(groups(w, 0.01), lr=0.05, momentum=0.9, nesterov=True, foreach=False)], 0),
    "sgd-l1": (lambda w: [torch.optim.SGD(groups(w, 0), lr=0.3, foreach=False)], 0.003),
    "adam": (lambda w: [torch.optim.Adam(groups(w, 0), lr=0.01, foreach=False)], 0),
    "adam-l2": (lambda w: [torch.optim.Adam(groups(w, 0.02), lr=0.01, foreach=False)], 0),
    "adamw": (lambda w: [torch.optim.AdamW(groups(w, 0.1), lr=0.01, betas=(0.9, 0.95), foreach=False)], 0),
    "rmsprop": (lambda w: [torch.optim.RMSprop(groups(w, 0.01), lr=0.003, eps=1e-6, foreach=False)], 0),
    "rmsprop-centered": (
        lambda w: [torch.optim.RMSprop(groups(w, 0), lr=0.001, alpha=0.9, eps=1e-3, momentum=0.8, centered=True, foreach=False)], 0),
    "adagrad": (lambda w: [torch.optim.Adagrad(groups(w, 0.01), lr=0.1, lr_decay=0.01, initial_accumulator_value=0.05, foreach=False)], 0),
    "muon": (lambda w: [
        torch.optim.Muon([w[0], w[2]], lr=0.02, weight_decay=0.05, momentum=0.95, nesterov=True, adjust_lr_fn="original"),
        torch.optim.AdamW([w[1], w[3]], lr=0.01, betas=(0.9, 0.95), weight_decay=0.0, foreach=False)], 0),
}


def main():
    assert torch.__version__.startswith("2.15."), torch.__version__
    import torch.optim._muon as module

    module._zeropower_via_newtonschulz = newton_schulz_float32
    fixture = {
        name: {schedule: train(make, schedule, l1) for schedule in ("constant", "linear", "cosine", "warmup-stable-decay")}
        for name, (make, l1) in OPTIMIZERS.items()
    }
    (Path(sys.argv[1]) / "optimizers.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
