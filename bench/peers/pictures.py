"""Makes JPEG pictures, or feeds them through torchvision's transforms and a DataLoader with two workers.

Usage: python pictures.py make FOLDER COUNT     two classes of pictures of 150 to 500 pixels with the spectrum of photographs
       python pictures.py feed FOLDER           for each line `pil BATCH` or `tensor BATCH` on stdin one epoch; prints JSON
"""
import json
import sys
import time
from pathlib import Path

import numpy as np


def make(folder: Path, count: int):
    from PIL import Image

    random = np.random.default_rng(1)
    for index in range(count):
        height, width = (int(n) for n in random.integers(150, 501, 2))
        # Amplitudes fall as 1/f in photographs (Field, 1987); red, green and blue go much together.
        f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]) + 1 / 500
        layers = [np.fft.irfft2(np.exp(2j * np.pi * random.random(f.shape)) / f**1.2, (height, width)) for _ in range(3)]
        layers = [layer / layer.std() for layer in layers]
        colours = np.stack([layers[0] + 0.35 * layers[1], layers[0], layers[0] + 0.35 * layers[2]], -1)
        pixels = np.clip(colours * 50 + 120, 0, 255).astype("uint8")
        target = folder / ("even" if index % 2 == 0 else "odd") / f"{index:05}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(target, quality=int(random.integers(75, 93)))


def feed(folder: Path):
    import torch
    import torchvision
    from torch.utils.data import DataLoader
    from torchvision.datasets import ImageFolder
    from torchvision.io import ImageReadMode, decode_jpeg, read_file
    from torchvision.transforms import v2

    def steps(first):
        return v2.Compose(
            first
            + [
                v2.RandomResizedCrop(150, antialias=True),
                v2.RandomHorizontalFlip(),
                v2.RandomRotation(15, interpolation=v2.InterpolationMode.BILINEAR),
                v2.ColorJitter(0.2, 0.2, 0.2),
                v2.ToImage(),
                v2.ToDtype(torch.float32, scale=True),
            ]
        )

    def decoded(path):
        return decode_jpeg(read_file(path), mode=ImageReadMode.RGB)

    sets = {"pil": ImageFolder(folder, steps([])), "tensor": ImageFolder(folder, steps([]), loader=decoded)}
    loaders = {}
    for line in sys.stdin:
        kind, batch = line.split()
        if kind not in loaders:
            loaders[kind] = DataLoader(sets[kind], int(batch), shuffle=True, num_workers=2, persistent_workers=True)
        began = time.perf_counter()
        count, total = 0, 0.0
        for pictures, labels in loaders[kind]:
            count += len(labels)
            total += float(pictures[0, 0, 0, 0])
        seconds = time.perf_counter() - began
        version = f"torchvision {torchvision.__version__}, torch {torch.__version__}"
        print(json.dumps({"pictures": count, "seconds": seconds, "version": version}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        feed(Path(sys.argv[2]))
