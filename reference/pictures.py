"""Fixtures for dev.slipway.data.picture and dev.slipway.data.augment, from Pillow and torchvision. Run with
pillow==13.0.0, torch==2.15.0, torchvision==0.29.2:

    python reference/pictures.py core/src/test/resources/dev/slipway/data/picture/pictures.zip

A zip of files in their formats, each with what Pillow decodes beside it (NAME.HEIGHTxWIDTHxCHANNELS, raw bytes), and of
raw float32 results of torchvision's functions on tensors.
"""

import io
import struct
import sys
import zipfile
import zlib

import numpy as np
import torch
import torchvision.transforms.v2.functional as F
from PIL import Image, ImageOps
from torchvision.transforms.v2 import InterpolationMode

FILES: dict[str, bytes] = {}


def scene(width: int, height: int, seed: int = 1) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([128 + 100 * np.sin(x / 17 + y / 31), 128 + 100 * np.cos(x / 11), 128 + 90 * np.sin(y / 7 + x / 50)], -1)
    base += np.random.default_rng(seed).normal(0, 12, base.shape)
    return Image.fromarray(np.clip(base, 0, 255).astype("uint8"))


def raw(name: str, image: Image.Image):
    pixels = np.array(image)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    FILES[f"{name}.{'x'.join(map(str, pixels.shape))}"] = pixels.astype("uint8").tobytes()


def saved(name: str, image: Image.Image, form: str, mode: str, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    FILES[f"{name}.{form.lower()}"] = out.getvalue()
    raw(f"{name}.{form.lower()}", Image.open(io.BytesIO(out.getvalue())).convert(mode))


def jpegs():
    for width, height in [(37, 29), (1, 1), (2, 2), (5, 3), (64, 16), (3, 33)]:
        image = scene(width, height)
        size = f"jpeg/{width}x{height}"
        for sampling in ["4:4:4", "4:2:2", "4:2:0", "4:1:1"]:
            plain = sampling.replace(":", "")
            saved(f"{size}-{plain}", image, "JPEG", "RGB", quality=60, subsampling=sampling)
            saved(f"{size}-{plain}-restarts", image, "JPEG", "RGB", quality=95, subsampling=sampling, restart_marker_blocks=2)
            saved(f"{size}-{plain}-progressive", image, "JPEG", "RGB", quality=85, subsampling=sampling, progressive=True)
        saved(f"{size}-grey", image.convert("L"), "JPEG", "L", quality=80)
        saved(f"{size}-grey-progressive", image.convert("L"), "JPEG", "L", quality=80, progressive=True)
        saved(f"{size}-cmyk", image.convert("CMYK"), "JPEG", "RGB", quality=80)
        saved(f"{size}-rgb", image, "JPEG", "RGB", quality=80, keep_rgb=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        name = f"exif/{orientation}"
        out = io.BytesIO()
        scene(13, 7).save(out, "JPEG", quality=90, subsampling=0, exif=exif)
        FILES[f"{name}.jpeg"] = out.getvalue()
        raw(f"{name}.jpeg", ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue()))))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def interlaced(image: Image.Image) -> bytes:
    """Pillow reads Adam7, and does not write it."""
    pixels = np.array(image)
    lines = b""
    for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = pixels[y::dy, x::dx]
        if part.size:
            lines += b"".join(b"\0" + row.tobytes() for row in part)
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def others():
    image = scene(23, 17)
    saved("png/rgb", image, "PNG", "RGB")
    saved("png/rgba", image.convert("RGBA"), "PNG", "RGB")
    saved("png/grey", image.convert("L"), "PNG", "L")
    saved("png/grey-alpha", image.convert("LA"), "PNG", "L")
    saved("png/one-bit", image.convert("1"), "PNG", "L")
    saved("png/palette", image.quantize(200), "PNG", "RGB")
    for bits in (1, 2, 4):
        saved(f"png/palette-{bits}", image.quantize(2**bits), "PNG", "RGB", bits=bits)
    grey16 = np.arange(23 * 17, dtype=np.uint16).reshape(17, 23) * 160
    out = io.BytesIO()
    Image.fromarray(grey16).save(out, "PNG")
    FILES["png/sixteen.png"] = out.getvalue()
    raw("png/sixteen.png", Image.fromarray((grey16 >> 8).astype("uint8")))
    for width, height in [(23, 17), (1, 1), (3, 9), (5, 2)]:
        small = scene(width, height)
        FILES[f"png/interlaced-{width}.png"] = interlaced(small)
        raw(f"png/interlaced-{width}.png", Image.open(io.BytesIO(interlaced(small))))
    saved("other/bitmap", image, "BMP", "RGB")
    saved("other/gif", image.quantize(64), "GIF", "RGB")


def sizes():
    image = scene(37, 29)
    raw("fit/source", image)
    for height, width in [(29, 37), (10, 10), (64, 80), (1, 1), (29, 5), (7, 37)]:
        raw(f"fit/stretch-{height}-{width}", image.resize((width, height), Image.Resampling.BILINEAR))
        raw(f"fit/crop-{height}-{width}", ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR))
    for height, width in [(29, 37), (16, 37), (29, 21), (58, 80), (58, 74)]:
        raw(f"fit/pad-{height}-{width}", ImageOps.pad(image, (width, height), Image.Resampling.BILINEAR))
    box = (3.25, 4.5, 30.75, 21)
    raw("fit/box-12-17", image.resize((17, 12), Image.Resampling.BILINEAR, box=box))
    raw("fit/luma", image.convert("L"))


def floats(name: str, values: torch.Tensor):
    FILES[name] = values.numpy().astype("<f4").tobytes()


def augmentations():
    image = torch.from_numpy(np.array(scene(37, 29))).permute(2, 0, 1).float() / 255
    linear = InterpolationMode.BILINEAR
    plain = dict(angle=0.0, translate=[0, 0], scale=1.0, shear=[0.0, 0.0], interpolation=linear)
    floats("move/none", image)
    floats("move/rotate", F.affine(image, **plain | dict(angle=20.0)))
    floats("move/zoom", F.affine(image, **plain | dict(scale=1.3)))
    floats("move/shrink", F.affine(image, **plain | dict(scale=0.6)))
    floats("move/translate", F.affine(image, **plain | dict(translate=[5, -3])))
    floats("move/shear", F.affine(image, **plain | dict(shear=[15.0, 0.0])))
    floats("move/all", F.affine(image, angle=-33.0, translate=[4, 2], scale=0.8, shear=[10.0, 0.0], interpolation=linear))
    floats("move/flip", F.horizontal_flip(image))
    floats("move/flip-vertical", F.vertical_flip(image))
    floats("move/crop", F.crop(F.pad(image, [4, 4, 4, 4]), 1, 7, 29, 37))
    floats("colour/brightness", F.adjust_brightness(image, 1.35))
    floats("colour/contrast", F.adjust_contrast(image, 0.6))
    floats("colour/saturation", F.adjust_saturation(image, 1.7))
    floats("colour/hue", F.adjust_hue(image, 0.2))
    floats("colour/hue-back", F.adjust_hue(image, -0.35))


jpegs()
others()
sizes()
augmentations()
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as out:
    for name in sorted(FILES):
        out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), FILES[name], zipfile.ZIP_DEFLATED)
