"""A GPT training step in PyTorch, measured in rounds that TrainBench asks for, in turn with its own.

Reads one command a line: `round SECONDS` trains that long and prints tokens a second; `losses STEPS` starts again from
the given weights and prints the mean loss of each step; `quit`.

The model is nanoGPT's (layout gpt2) or Llama's (layout llama), written as one would for speed: scaled_dot_product_attention,
fused AdamW, clipping over foreach, gradients set to none, autocast for bfloat16, torch.compile where asked.
"""

import argparse
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--layout", choices=["gpt2", "llama"], default="gpt2")
for name in ["vocabulary", "columns", "rows", "layers", "heads", "hidden", "inner"]:
    parser.add_argument("--" + name, type=int, required=True)
parser.add_argument("--precision", choices=["bf16", "fp32"], required=True)
parser.add_argument("--compile", action="store_true")
parser.add_argument("--weights", required=True, help="float32 values, parameter after parameter in Slipway's order")
parser.add_argument("--tokens", required=True, help="int32 tokens; step i takes the rows x columns from i on")
parser.add_argument("--rate", type=float, default=3e-4)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
C, H, T, B, V, L, I = args.hidden, args.heads, args.columns, args.rows, args.vocabulary, args.layers, args.inner
D = C // H
GPT2 = args.layout == "gpt2"


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn_norm = nn.LayerNorm(C) if GPT2 else nn.RMSNorm(C, eps=1e-5)
        self.qkv = nn.Linear(C, 3 * C, bias=GPT2)
        self.o = nn.Linear(C, C, bias=GPT2)
        self.mlp_norm = nn.LayerNorm(C) if GPT2 else nn.RMSNorm(C, eps=1e-5)
        self.up = nn.Linear(C, I if GPT2 else 2 * I, bias=GPT2)
        self.down = nn.Linear(I, C, bias=GPT2)

    def forward(self, x, cos, sin):
        q, k, v = self.qkv(self.attn_norm(x)).view(x.size(0), T, 3, H, D).permute(2, 0, 3, 1, 4)
        if not GPT2:
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(x.size(0), T, C))
        h = self.up(self.mlp_norm(x))
        if GPT2:
            h = F.gelu(h, approximate="tanh")
        else:
            gate, up = h.chunk(2, dim=-1)
            h = F.silu(gate) * up
        return x + self.down(h)


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1).to(x.dtype)


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, C)
        if GPT2:
            self.positions = nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block() for _ in range(L))
        self.norm = nn.LayerNorm(C) if GPT2 else nn.RMSNorm(C, eps=1e-5)
        angles = torch.arange(T).float()[:, None] * (1.0 / 10_000 ** (torch.arange(0, D, 2).float() / D))
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, tokens, targets):
        x = self.embed(tokens)
        if GPT2:
            x = x + self.positions.weight
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        logits = F.linear(self.norm(x), self.embed.weight)
        return F.cross_entropy(logits.view(-1, V), targets.view(-1))

    def in_slipways_order(self):
        norm = ["weight", "bias"] if GPT2 else ["weight"]
        yield self.embed.weight
        if GPT2:
            yield self.positions.weight
        for b in self.blocks:
            yield from (getattr(b.attn_norm, n) for n in norm)
            yield b.qkv.weight
            if GPT2:
                yield b.qkv.bias
            yield b.o.weight
            if GPT2:
                yield b.o.bias
            yield from (getattr(b.mlp_norm, n) for n in norm)
            yield b.up.weight
            if GPT2:
                yield b.up.bias
            yield b.down.weight
            if GPT2:
                yield b.down.bias
        yield from (getattr(self.norm, n) for n in norm)


model = Gpt()
flat = np.fromfile(args.weights, dtype=np.float32)
tokens = torch.from_numpy(np.fromfile(args.tokens, dtype=np.int32).astype(np.int64))


def load():
    at = 0
    with torch.no_grad():
        for p in model.in_slipways_order():
            p.copy_(torch.from_numpy(flat[at : at + p.numel()]).view_as(p))
            at += p.numel()
    assert at == flat.size == sum(p.numel() for p in model.parameters()), (at, flat.size)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
        lr=args.rate,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused=True,
    )


optimizer = load()
step_model = torch.compile(model) if args.compile else model
steps = 0


def step():
    global steps
    size = B * T
    at = steps * size % (tokens.numel() - size - 1)
    x = tokens[at : at + size].view(B, T)
    y = tokens[at + 1 : at + 1 + size].view(B, T)
    steps += 1
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=args.precision == "bf16"):
        loss = step_model(x, y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


for line in sys.stdin:
    command, _, value = line.strip().partition(" ")
    if command == "round":
        step()
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < float(value):
            step()
            count += 1
        print(count * B * T / (time.perf_counter() - start), flush=True)
    elif command == "losses":
        optimizer, steps = load(), 0
        print(" ".join(repr(step()) for _ in range(int(value))), flush=True)
    elif command == "quit":
        break
