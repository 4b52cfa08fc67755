"""Makes src/test/resources/dev/slipway/weights/gguf/{types.gguf,types.f32}: a tensor of each block type, and
the values that the gguf package dequantises it to, one tensor after the other in the order of names."""

import sys
from pathlib import Path

import gguf
import numpy as np

out = Path(sys.argv[1] if len(sys.argv) > 1 else "core/src/test/resources/dev/slipway/weights/gguf")
rng = np.random.default_rng(1337)
writer = gguf.GGUFWriter(out / "types.gguf", "llama")
writer.add_uint32("a.uint32", 7)
writer.add_float32("a.float32", 0.5)
writer.add_bool("a.bool", True)
writer.add_string("a.text", "Grüße")
writer.add_array("a.texts", ["x", "y z"])
writer.add_array("a.ints", [1, -2, 3])
types = gguf.GGMLQuantizationType
expected = {}
for name, kind in [("f32", types.F32), ("f16", types.F16), ("bf16", types.BF16), ("q8_0", types.Q8_0), ("q4_0", types.Q4_0)]:
    values = rng.normal(size=(3, 256)).astype(np.float32)
    data = gguf.quants.quantize(values, kind)
    expected[name] = gguf.quants.dequantize(data, kind)
    writer.add_tensor(name, data, raw_dtype=kind)
# The package can't quantise these: any bytes are blocks, so long as their scales are finite.
for name, kind, halves in [("q4_k", types.Q4_K, [0, 2]), ("q6_k", types.Q6_K, [208])]:
    size = gguf.GGML_QUANT_SIZES[kind][1]
    data = rng.integers(0, 256, size=(3, size), dtype=np.uint8)
    for at in halves:
        data[:, at : at + 2] = rng.normal(size=(3, 1)).astype(np.float16).view(np.uint8)
    expected[name] = gguf.quants.dequantize(data, kind)
    writer.add_tensor(name, data, raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
with open(out / "types.f32", "wb") as file:
    for name in sorted(expected):
        file.write(expected[name].astype("<f4").tobytes())
