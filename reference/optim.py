"""Fixtures for dev.slipway.optim, from PyTorch. Run with torch==2.15.0:

    python reference/optim.py core/src/test/resources/dev/slipway/optim

Parameters and gradients follow from formulas that the Java test repeats, so that only results are stored.
"""

import json
import math
import sys
from pathlib import Path

import torch

SHAPES = {"embed": (7, 6), "wide": (4, 6), "tall": (10, 6), "bias": (5,)}


def initial(index: int, shape):
    n = math.prod(shape)
    return torch.tensor([math.cos(0.37 * (i + 1) + index) for i in range(n)]).view(shape)


def gradient(index: int, step: int, shape):
    n = math.prod(shape)
    return torch.tensor([math.sin(0.1 * (i + 1) * (step + 1) + index) * 0.5 for i in range(n)]).view(shape)


def train(make_optimizers, steps: int, clip: float = 0.0):
    parameters = {name: torch.nn.Parameter(initial(i, shape)) for i, (name, shape) in enumerate(SHAPES.items())}
    optimizers = make_optimizers(parameters)
    norms = []
    for step in range(steps):
        for i, (name, shape) in enumerate(SHAPES.items()):
            parameters[name].grad = gradient(i, step, shape)
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_(list(parameters.values()), clip).item())
        for optimizer in optimizers:
            optimizer.step()
    values = torch.cat([p.detach().flatten() for p in parameters.values()])
    return {"values": values.tolist(), "norms": norms}


def adamw(parameters):
    decayed = [parameters[n] for n in ("embed", "wide", "tall")]
    return [
        torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.1}, {"params": [parameters["bias"]], "weight_decay": 0.0}],
            lr=3e-3, betas=(0.9, 0.95), eps=1e-8, foreach=False)
    ]


def muon(adjust):
    def make(parameters):
        matrices = torch.optim.Muon(
            [parameters["wide"], parameters["tall"]], lr=0.02, weight_decay=0.05, momentum=0.95, nesterov=True,
            adjust_lr_fn=adjust)
        rest = torch.optim.AdamW(
            [{"params": [parameters["embed"]], "weight_decay": 0.1}, {"params": [parameters["bias"]], "weight_decay": 0.0}],
            lr=3e-3, betas=(0.9, 0.95), eps=1e-8, foreach=False)
        return [matrices, rest]
    return make


def newton_schulz_float32(grad, coefficients, steps, eps):
    """torch.optim._muon._zeropower_via_newtonschulz without its cast to bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


def schedules(steps=40, warmup=5, floor=0.1, decay=12):
    from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, SequentialLR

    def run(after, milestones):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        parts = [LinearLR(optimizer, 1 / (warmup + 1), 1.0, warmup)] + after(optimizer)
        schedule = SequentialLR(optimizer, parts, milestones)
        factors = []
        for _ in range(steps):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return factors

    one = lambda optimizer: ConstantLR(optimizer, 1.0, 1)
    return {
        "constant": run(lambda o: [one(o)], [warmup]),
        "linear": run(lambda o: [LinearLR(o, 1.0, floor, steps - warmup)], [warmup]),
        "cosine": run(lambda o: [CosineAnnealingLR(o, steps - warmup, floor)], [warmup]),
        "warmup_stable_decay": run(lambda o: [one(o), LinearLR(o, 1.0, floor, decay)], [warmup, steps - decay]),
    }


def plateaus():
    """The learning rate after each of some validation losses."""
    from torch.optim.lr_scheduler import ReduceLROnPlateau

    losses = [1.0, 0.9, 0.95, 0.89995, 0.91, 0.92, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.4, 0.45, 0.46, 0.47, 0.48, 0.49, 0.5, 0.51, 0.3, 0.31, 0.32, 0.33]
    cases = []
    for factor, patience, threshold, cooldown, floor in [
        (0.1, 2, 1e-4, 0, 0.0), (0.5, 0, 0.01, 0, 0.2), (0.3, 1, 0.0, 2, 0.05), (0.1, 10, 1e-4, 0, 0.0),
    ]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule = ReduceLROnPlateau(
            optimizer, factor=factor, patience=patience, threshold=threshold, cooldown=cooldown, min_lr=floor)
        rates = []
        for loss in losses:
            schedule.step(loss)
            rates.append(optimizer.param_groups[0]["lr"])
        cases.append({
            "factor": factor, "patience": patience, "threshold": threshold, "cooldown": cooldown, "floor": floor,
            "losses": losses, "rates": rates})
    return cases


def main():
    assert torch.__version__.startswith("2.15."), torch.__version__
    import torch.optim._muon as module

    out = Path(sys.argv[1])
    fixture = {
        "adamw": train(adamw, 50),
        "adamw_clipped": train(adamw, 50, clip=1.5),
        "muon_bfloat16": train(muon("match_rms_adamw"), 3),
        "schedules": schedules(),
        "plateaus": plateaus(),
    }
    module._zeropower_via_newtonschulz = newton_schulz_float32
    fixture["muon_spectral"] = train(muon("original"), 20)
    fixture["muon_match_adamw"] = train(muon("match_rms_adamw"), 20)
    (out / "optim.json").write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
