"""Fits the constants of dev.slipway.plan.ScalingLaw.SOURCE_CODE.

L(N, D) = E + A / N^0.34 + B / D^beta (Hoffmann et al. 2022, section 3.3), L in bits a byte, N all parameters,
D bytes learnt from. The runs: byte-level BPE of 4096, Java sources of the JDK, windows of 256 tokens, Muon, one seed
each, bfloat16 on two Zen cores. Their D is time x measured or interpolated speed x 3.79 bytes a token. With few runs E
and alpha cannot be told apart from the rest: alpha is the paper's, E is set so that A and B are both positive and the
two best runs of the seven-minute group come out equal, as measured. Weights say how far each run is trusted.

Add runs here (parameters, seconds, tokens/s, bits a byte, weight), run it, and copy the printed line.
Needs numpy and scipy.
"""

import numpy as np
from scipy.optimize import least_squares

BYTES_PER_TOKEN = 3.79
ALPHA = 0.34
E = 0.30

RUNS = [
    (1.31e6, 420, 26000, 0.899, 3.0),
    (2.56e6, 420, 16500, 0.898, 3.0),
    (4.98e6, 420, 10200, 1.030, 0.5),
    (2.56e6, 45, 16500, 1.420, 1.0),
]


def loss(p, n, d):
    return E + np.exp(p[0]) / n**ALPHA + np.exp(p[1]) / d ** p[2]


def residuals(p):
    return [w * (loss(p, n, s * v * BYTES_PER_TOKEN) - bpb) for n, s, v, bpb, w in RUNS]


fit = least_squares(residuals, [np.log(30.0), np.log(500.0), 0.4])
print(f"E {E} A {np.exp(fit.x[0]):.1f} alpha {ALPHA} B {np.exp(fit.x[1]):.1f} beta {fit.x[2]:.3f}")
for n, s, v, bpb, _ in RUNS:
    print(f"{n / 1e6:.2f} M, {s} s: measured {bpb:.3f}, fitted {loss(fit.x, n, s * v * BYTES_PER_TOKEN):.3f}")
