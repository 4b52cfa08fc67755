"""Logits of torchvision's networks, for dev.slipway.model.sequential. Run with torch==2.15.0 and torchvision==0.29.2:

    python reference/torchvision_nets.py core/src/test/resources/dev/slipway/model/sequential

Weights of a hundred megabytes are not kept: each value is a function of its parameter's name and its index, which the test
computes too. Statistics of batch norms are far from 0 and 1, so that a network which forgets to load them is found out.
"""

import gzip
import json
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
import torchvision

CLASSES = 1000


def uniform(name, count):
    """Values in [-1, 1): the CRC-32 of the name and the index, mixed as in MurmurHash3's finish."""
    h = (np.arange(count, dtype=np.uint64) * 0x9E3779B1 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h ^= h >> np.uint64(shift)
        h = (h * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return h.astype(np.float64) / 2**31 - 1


def value(name, shape, gain):
    count = int(np.prod(shape))
    u = uniform(name, count)
    if name.endswith("running_var"):
        u = 1 + 0.3 * u
    elif name.endswith("weight") and len(shape) == 1:
        u = 1 + 0.2 * u
    elif len(shape) == 1:
        u = 0.1 * u
    else:
        u = u * np.sqrt(gain / (count // shape[0]))
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def filled(model, gain):
    state = {k: v if k.endswith("num_batches_tracked") else value(k, tuple(v.shape), gain) for k, v in model.state_dict().items()}
    model.load_state_dict(state, strict=True)
    return model


def picture(size):
    return torch.from_numpy(uniform(f"picture {size}", 2 * 3 * size * size).astype(np.float32).reshape(2, 3, size, size))


def short(t):
    return [float(f"{v:.7g}") for v in t.detach().flatten().tolist()]


cases = []
for name, size, training, gain in [  # the gain keeps a network's signal from fading or growing on its way
    ("alexnet", 224, False, 6.0), ("resnet18", 224, False, 3.5), ("resnet18", 32, False, 3.5), ("resnet18", 96, True, 3.5),
    ("resnet50", 224, False, 3.0), ("efficientnet_b0", 224, False, 8.0), ("efficientnet_b0", 32, False, 9.0),
]:
    model = filled(getattr(torchvision.models, name)(weights=None, num_classes=CLASSES), gain).train(training)
    with torch.no_grad():
        logits = model(picture(size))
    print(name, size, training, "logits", logits.std().item(), "between pictures", (logits[0] - logits[1]).abs().mean().item(),
          "parameters", sum(p.numel() for p in model.parameters()))
    case = {"network": name.replace("_", "-"), "size": size, "training": training, "gain": gain, "logits": short(logits),
            "parameters": sum(p.numel() for p in model.parameters()),
            "state": {k: list(v.shape) for k, v in model.state_dict().items()}}
    if training:
        case["running"] = {k: short(v) for k, v in model.state_dict().items() if k in ("bn1.running_mean", "bn1.running_var")}
    cases.append(case)

text = json.dumps({"torchvision": torchvision.__version__.split("+")[0], "cases": cases}, separators=(",", ":"))
target = Path(sys.argv[1]) / "torchvision-nets.json.gz"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
