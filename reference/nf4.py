"""Quantizes matrices to NF4 with doubly quantized scales by bitsandbytes and writes codes, scales and what they stand for,
as core/src/test/resources/dev/slipway/nn/nf4.zip.

bitsandbytes' CPU library finds the nearest of the 256 values of a scale by a table of 65,536 entries, which is off by one
near the middle between two; its other back ends compute distances. The scales here go by distances, as on a GPU.

Run: python reference/nf4.py (with reference/nf4-requirements.txt installed)
"""

import io
import json
import pathlib
import zipfile

import bitsandbytes.functional as F
import torch

OUT = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/nn/nf4.zip"


def quantize_blockwise_by_distance(values, blocksize, **_):
    """As bitsandbytes' own, by the way that it takes for types that its table isn't made for."""
    code = F.create_dynamic_map()
    out, absmax = torch.ops.bitsandbytes.quantize_blockwise.default(values.double(), code, blocksize)
    return out, F.QuantState(absmax=absmax, code=code, blocksize=blocksize, dtype=values.dtype)


def main():
    torch.manual_seed(1)
    F.quantize_blockwise = quantize_blockwise_by_distance
    cases = {
        "normal": torch.randn(48, 64) * 0.02,
        "uneven": (torch.randn(260, 64) * torch.rand(260, 1) ** 3).half().float(),
        "partial": torch.randn(7, 30),
        "zeros": torch.cat([torch.zeros(2, 64), torch.randn(1, 64)]),
        "bf16": (torch.randn(64, 64) * 0.05).to(torch.bfloat16),
    }
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as archive:
        def put(name, data):
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)

        meta = {}
        for name, matrix in cases.items():
            codes, state = F.quantize_4bit(matrix, quant_type="nf4", compress_statistics=True)
            whole = F.dequantize_4bit(codes, state)
            meta[name] = {"shape": list(matrix.shape), "offset": state.offset.item(), "dtype": str(matrix.dtype)}
            put(name + ".values", matrix.float().numpy().astype("<f4").tobytes())
            put(name + ".codes", codes.flatten().numpy().tobytes())
            put(name + ".scale_codes", state.absmax.numpy().tobytes())
            put(name + ".scales", state.state2.absmax.numpy().astype("<f4").tobytes())
            put(name + ".whole", whole.float().numpy().astype("<f4").tobytes())
        put("dynamic.values", F.create_dynamic_map().numpy().astype("<f4").tobytes())
        put("nf4.values", F.get_4bit_type("nf4", device="cpu").numpy().astype("<f4").tobytes())
        put("cases.json", json.dumps(meta))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(bytes_.getvalue())
    print(OUT, len(bytes_.getvalue()))


if __name__ == "__main__":
    main()
