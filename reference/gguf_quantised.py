"""Makes src/test/resources/dev/slipway/weights/gguf/quantised.bin: the tensor f32 of types.gguf beside it, by ggml's
own quantize_row_*_ref, compiled without fused multiply-adds: q8_0, q5_0, q4_k, q6_k, one after the other. Takes the
folder vendor/llama.cpp of the source package llama-cpp-python 0.3.36; needs gcc."""

import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

source = Path(sys.argv[1]) / "ggml"
out = Path(sys.argv[2] if len(sys.argv) > 2 else "core/src/test/resources/dev/slipway/weights/gguf")
reader = gguf.GGUFReader(out / "types.gguf")
values = np.ascontiguousarray(next(t for t in reader.tensors if t.name == "f32").data, dtype=np.float32).reshape(-1)
with tempfile.TemporaryDirectory() as folder:
    library = Path(folder) / "quants.so"
    subprocess.run(
        ["gcc", "-O2", "-shared", "-fPIC", "-ffp-contract=off", "-Wl,--unresolved-symbols=ignore-all", "-o", library]
        + [f"-I{source}/{each}" for each in ("include", "src")]
        + [source / "src/ggml-quants.c", "-lm"],
        check=True,
    )
    ggml = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL | 1)
    with open(out / "quantised.bin", "wb") as file:
        for name, block, size in [("q8_0", 32, 34), ("q5_0", 32, 22), ("q4_K", 256, 144), ("q6_K", 256, 210)]:
            data = np.zeros(values.size // block * size, dtype=np.uint8)
            function = getattr(ggml, f"quantize_row_{name}_ref")
            function(values.ctypes.data_as(ctypes.c_void_p), data.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(values.size))
            file.write(data.tobytes())
