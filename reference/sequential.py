"""Losses of 50 steps of training for each kind of layer, for dev.slipway.model.sequential. Run with torch==2.15.0:

    python reference/sequential.py core/src/test/resources/dev/slipway/model/sequential

A case is a small network under the names that its parameters have on both sides, four batches in turn, mean squared error and
plain gradient descent; then the outputs for the first batch when answering. Weights and batches are functions of names and
indices, which the test computes too, as in torchvision_nets.py.
"""

import gzip
import json
import math
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

STEPS, BATCHES = 50, 4
torch.set_num_threads(1)


def uniform(name, count):
    """Values in [-1, 1): the CRC-32 of the name and the index, mixed as in MurmurHash3's finish."""
    h = (np.arange(count, dtype=np.uint64) * 0x9E3779B1 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h ^= h >> np.uint64(shift)
        h = (h * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return h.astype(np.float64) / 2**31 - 1


def weight(name, shape):
    count = int(np.prod(shape))
    u = uniform(name, count)
    if len(shape) > 1:
        u = u / np.sqrt(count // shape[0])
    else:
        u = 1 + 0.2 * u if name.endswith("weight") else 0.1 * u
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def floats(name, *shape):
    return torch.from_numpy(uniform(name, int(np.prod(shape))).astype(np.float32).reshape(shape))


class Net(nn.Sequential):
    """nn.Sequential that takes the true lengths along, for the modules that ask for them."""

    def forward(self, x, lengths=None):
        for module in self:
            x = module(x, lengths) if getattr(module, "takes_lengths", False) else module(x)
        return x


class Apply(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


class Turned(nn.Module):
    """A module's forward on (B, C, T), where x is (B, T, C); parameters keep their names."""

    def __new__(cls, module):
        inner = module.forward
        module.forward = lambda x: inner(x.transpose(1, 2)).transpose(1, 2)
        return module


class Activated(nn.Linear):
    def __init__(self, i, o, f):
        super().__init__(i, o)
        self.f = f

    def forward(self, x):
        return self.f(super().forward(x))


def mask(x, lengths):
    return torch.arange(x.size(1)) >= lengths[:, None]


def recurrent(base):
    class Layer(base):
        takes_lengths = True

        def __init__(self, i, h, sequences=False, **more):
            super().__init__(i, h, batch_first=True, **more)
            self.sequences = sequences

        def forward(self, x, lengths):
            given = x if lengths is None else nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            y, state = super().forward(given)
            if self.sequences:
                return y if lengths is None else nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.size(1))[0]
            h = state[0] if isinstance(state, tuple) else state
            return torch.cat([h[-2], h[-1]], -1) if self.bidirectional else h[-1]

    return Layer


Lstm, Gru, Rnn = recurrent(nn.LSTM), recurrent(nn.GRU), recurrent(nn.RNN)


class Mean(nn.Module):
    takes_lengths = True

    def forward(self, x, lengths):
        if x.dim() == 4:
            return x.mean((2, 3))
        return x.mean(1) if lengths is None else x.masked_fill(mask(x, lengths)[..., None], 0).sum(1) / lengths[:, None]


class Max(nn.Module):
    takes_lengths = True

    def forward(self, x, lengths):
        if x.dim() == 4:
            return x.amax((2, 3))
        return (x if lengths is None else x.masked_fill(mask(x, lengths)[..., None], -math.inf)).amax(1)


def later(x):
    return torch.ones(x.size(1), x.size(1), dtype=torch.bool).triu(1)


class Attention(nn.MultiheadAttention):
    takes_lengths = True

    def __init__(self, width, heads, causal=False):
        super().__init__(width, heads, batch_first=True)
        self.causal = causal

    def forward(self, x, lengths):
        return super().forward(x, x, x, key_padding_mask=None if lengths is None else mask(x, lengths),
                               attn_mask=later(x) if self.causal else None, need_weights=False)[0]


class Block(nn.TransformerEncoderLayer):
    takes_lengths = True

    def __init__(self, width, heads, inner, first, causal=False):
        super().__init__(width, heads, inner, 0.0, F.gelu, batch_first=True, norm_first=first)
        self.causal = causal

    def forward(self, x, lengths):
        return super().forward(x, src_mask=later(x) if self.causal else None,
                               src_key_padding_mask=None if lengths is None else mask(x, lengths))


class Places(nn.Module):
    def __init__(self, longest, width):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(longest, width))

    def forward(self, x):
        return x + self.weight[: x.size(1)]


def sines(x):
    places, i = torch.arange(x.size(1), dtype=torch.float64)[:, None], torch.arange(0, x.size(2), 2, dtype=torch.float64)
    angle = places / 10000 ** (i / x.size(2))
    return x + torch.stack([angle.sin(), angle.cos()], -1).flatten(1).float()


class Residual(nn.Module):
    def __init__(self, layers, shortcut=(), f=None):
        super().__init__()
        self.layers, self.shortcut, self.f = nn.Sequential(*layers), nn.Sequential(*shortcut), f

    def forward(self, x):
        y = self.layers(x) + self.shortcut(x)
        return y if self.f is None else self.f(y)


class Columns(nn.Module):
    def __init__(self):
        super().__init__()
        self.categories = nn.ModuleList([nn.Embedding(4, 2), nn.Embedding(9, 5)])

    def forward(self, x):
        return torch.cat([x["numbers"]] + [e(x["categories"][:, i]) for i, e in enumerate(self.categories)], 1)


class Bert(nn.Module):
    takes_lengths = True

    def __init__(self):
        super().__init__()
        self.embeddings, self.positions, self.norm = nn.Embedding(12, 8), Places(6, 8), nn.LayerNorm(8)
        self.layers = nn.ModuleList([Block(8, 2, 32, False) for _ in range(2)])
        self.pooler, self.classifier = nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x, lengths):
        y = self.norm(self.positions(self.embeddings(x)))
        for layer in self.layers:
            y = layer(y, lengths)
        return self.classifier(self.pooler(y[:, 0]).tanh())


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.classifier = nn.ModuleList([nn.Linear(18, 7), nn.Linear(7, 5)]), nn.Linear(5, 3)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = layer(x).relu()
        return self.classifier(x)


ROW, PICTURE, SEQUENCE, TEXT = {"x": (4, 6)}, {"x": (4, 4, 6, 5)}, {"x": (4, 6, 4)}, {"x": (4, 6, 12)}
LENGTHS = [6, 3, 1, 4]
cases = []


def case(name, yaml, net, inputs, lengths=None, rate=0.1):
    """inputs: by name the shape with the batch; of ids, the last number is how many ids there are."""
    model = Net(*net)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            parameter.copy_(weight(key, tuple(parameter.shape)))

    def batch(i):
        values = {}
        for key, shape in inputs.items():
            ids = ids_of(key, shape)
            if ids is None:
                values[key] = floats(f"{name} {key} {i}", *shape)
            else:
                u = uniform(f"{name} {key} {i}", int(np.prod(ids[0]))).reshape(ids[0])
                values[key] = torch.from_numpy(np.floor((u + 1) / 2 * np.array(ids[1])).astype(np.int64))
        x = values["x"] if list(values) == ["x"] else values
        return x, None if lengths is None else torch.tensor(lengths)

    def ids_of(key, shape):
        if key == "categories":
            return shape, [4, 9]
        return (shape[:-1], [shape[-1]]) if name.startswith(("embedding", "bert")) else None

    losses = []
    for step in range(STEPS):
        output = model(*batch(step % BATCHES))
        loss = F.mse_loss(output, floats(f"{name} target {step % BATCHES}", *output.shape))
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= rate * parameter.grad
        losses.append(loss.item())
    model.eval()
    torch.backends.mha.set_fastpath_enabled(False)
    with torch.no_grad():
        answer = model(*batch(0))
    described = []
    for key, shape in inputs.items():
        ids = ids_of(key, shape)
        described.append({"name": key, "shape": list(shape if ids is None else ids[0]), "ids": [] if ids is None else ids[1]})
    first, last = sum(losses[:BATCHES]), sum(losses[-BATCHES:])
    print(f"{name:32} {first:.6f} {last:.6f}")
    assert 0 < last < 0.999 * first, name
    cases.append({"name": name, "layers": yaml, "inputs": described, "lengths": lengths, "rate": rate, "losses": losses,
                  "parameters": {k: list(p.shape) for k, p in model.named_parameters()},
                  "answer": {"shape": list(answer.shape), "values": answer.flatten().tolist()}})


case("dense", "[{dense: {units: 5, activation: tanh}}, {dense: {units: 2, bias: false}}]",
     [Activated(6, 5, torch.tanh), nn.Linear(5, 2, bias=False)], ROW)
for word, f in {"relu": F.relu, "gelu": F.gelu, "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu,
                "sigmoid": torch.sigmoid, "tanh": torch.tanh, "softmax": lambda x: x.softmax(-1), "leaky-relu": F.leaky_relu,
                "elu": F.elu, "softplus": F.softplus, "mish": F.mish, "hardswish": F.hardswish, "relu6": F.relu6}.items():
    case(f"activation {word}", f"[{{dense: 5}}, {{activation: {word}}}, {{dense: 2}}]",
         [nn.Linear(6, 5), Apply(f), nn.Linear(5, 2)], ROW)
case("words of activations", "[{dense: 5}, relu, {dense: 5}, {leaky-relu: 0.2}, {dense: 5}, {elu: 0.5}, {dense: 5}, softmax, {dense: 2}]",
     [nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 5), nn.LeakyReLU(0.2), nn.Linear(5, 5), nn.ELU(0.5), nn.Linear(5, 5),
      nn.Softmax(-1), nn.Linear(5, 2)], ROW)
case("rescale and dropout of 0", "[{rescale: {scale: 0.5, offset: 0.25}}, {dropout: 0}, {dense: 2}]",
     [Apply(lambda x: x * 0.5 + 0.25), nn.Dropout(0), nn.Linear(6, 2)], ROW)
case("conv2d", "[{conv2d: {filters: 6, kernel: 3, stride: 2, padding: 2, dilation: 2, groups: 2}},"
     " {conv2d: {filters: 3, kernel: 1x3, padding: same, activation: relu}}, flatten, {dense: 2}]",
     [nn.Conv2d(4, 6, 3, 2, 2, 2, 2), nn.Conv2d(6, 3, (1, 3), padding="same"), Apply(lambda x: F.relu(x).flatten(1)),
      nn.Linear(27, 2)], PICTURE)
case("conv2d without bias, pools", "[{conv2d: {filters: 3, kernel: 3, padding: same, bias: false}}, {max-pool2d: {size: 3, stride: 2, padding: 1}},"
     " {avg-pool2d: {size: 2, stride: 1, padding: 1}}, {adaptive-avg-pool2d: 2}, flatten, {dense: 2}]",
     [nn.Conv2d(4, 3, 3, padding=1, bias=False), nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2, 1, 1), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
      nn.Linear(12, 2)], PICTURE)
case("conv2d, relu, max-pool2d", "[{conv2d: {filters: 8, kernel: 3, activation: relu}}, max-pool2d, flatten, {dense: 2}]",
     [nn.Conv2d(4, 8, 3), Apply(lambda x: F.max_pool2d(F.relu(x), 2)), nn.Flatten(), nn.Linear(16, 2)], PICTURE)
case("conv1d", "[{conv1d: {filters: 6, kernel: 3, padding: same, dilation: 2, groups: 2}}, relu,"
     " {conv1d: {filters: 3, kernel: 2, stride: 1}}, {max-pool1d: 2}, {avg-pool1d: {size: 2, stride: 1}}, flatten, {dense: 2}]",
     [Turned(nn.Conv1d(4, 6, 3, padding="same", dilation=2, groups=2)), nn.ReLU(), Turned(nn.Conv1d(6, 3, 2)), Turned(nn.MaxPool1d(2)),
      Turned(nn.AvgPool1d(2, 1)), nn.Flatten(), nn.Linear(3, 2)], SEQUENCE)
case("conv-transpose1d", "[{conv-transpose1d: {filters: 3, kernel: 4, stride: 2, padding: 1, output-padding: 1}}, tanh, global-avg-pool, {dense: 2}]",
     [Turned(nn.ConvTranspose1d(4, 3, 4, 2, 1, 1)), nn.Tanh(), Mean(), nn.Linear(3, 2)], SEQUENCE)
case("conv-transpose2d", "[{conv-transpose2d: {filters: 3, kernel: 3x2, stride: 2, padding: 1, output-padding: 1}}, tanh, global-max-pool, {dense: 2}]",
     [nn.ConvTranspose2d(4, 3, (3, 2), 2, 1, 1), nn.Tanh(), Max(), nn.Linear(3, 2)], PICTURE)
case("batch-norm of rows", "[{dense: 5}, batch-norm, {dense: 2}]", [nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 2)], ROW)
case("batch-norm of sequences", "[{batch-norm: {momentum: 0.3, epsilon: 1e-3}}, tanh, global-avg-pool, {dense: 2}]",
     [Turned(nn.BatchNorm1d(4, 1e-3, 0.3)), nn.Tanh(), Mean(), nn.Linear(4, 2)], SEQUENCE)
case("batch-norm of pictures", "[{conv2d: {filters: 3, bias: false}}, batch-norm, relu, global-avg-pool, {dense: 2}]",
     [nn.Conv2d(4, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU(), Mean(), nn.Linear(3, 2)], PICTURE)
case("layer-norm", "[layer-norm, {dense: 2}]", [nn.LayerNorm(6), nn.Linear(6, 2)], ROW)
case("rms-norm", "[rms-norm, {dense: 2}]", [nn.RMSNorm(6, 1e-6), nn.Linear(6, 2)], ROW)
case("group-norm", "[{group-norm: 2}, tanh, global-avg-pool, {dense: 2}]", [nn.GroupNorm(2, 4), nn.Tanh(), Mean(), nn.Linear(4, 2)], PICTURE)
case("shapes", "[{permute: [2, 3, 1]}, {reshape: [10, 12]}, {permute: [2, 1]}, flatten, {dense: 2}]",
     [Apply(lambda x: x.permute(0, 2, 3, 1).reshape(-1, 10, 12).transpose(1, 2).flatten(1)), nn.Identity(), nn.Identity(), nn.Identity(),
      nn.Linear(120, 2)], PICTURE)
case("residual", "[{residual: {layers: [{conv2d: {filters: 6, padding: same}}, batch-norm, relu, {conv2d: {filters: 6, padding: same}}],"
     " shortcut: [{conv2d: {filters: 6, kernel: 1}}], activation: relu}}, {residual: [{conv2d: {filters: 6, padding: same}}]}, global-avg-pool, {dense: 2}]",
     [Residual([nn.Conv2d(4, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1)], [nn.Conv2d(4, 6, 1)], F.relu),
      Residual([nn.Conv2d(6, 6, 3, padding=1)]), Mean(), nn.Linear(6, 2)], PICTURE)
case("embedding", "[{embedding: 5}, global-avg-pool, {dense: 2}]", [nn.Embedding(12, 5), Mean(), nn.Linear(5, 2)], TEXT, LENGTHS)
case("embedding, lstm", "[{embedding: 5}, {lstm: 8}, {dense: 2}]", [nn.Embedding(12, 5), Lstm(5, 8), nn.Linear(8, 2)], TEXT)
case("embedding, packed lstm", "[{embedding: 5}, {lstm: 16}, {dense: 2}]", [nn.Embedding(12, 5), Lstm(5, 16), nn.Linear(16, 2)], TEXT, LENGTHS)
for word, layer in {"lstm": Lstm, "gru": Gru, "rnn": Rnn}.items():
    case(f"{word} of sequences", f"[{{{word}: {{units: 5, return-sequences: true}}}}, {{{word}: 3}}, {{dense: 2}}]",
         [layer(4, 5, True), layer(5, 3), nn.Linear(3, 2)], SEQUENCE)
    case(f"packed {word}, both ways", f"[{{{word}: {{units: 5, layers: 2, bidirectional: true}}}}, {{dense: 2}}]",
         [layer(4, 5, num_layers=2, bidirectional=True), nn.Linear(10, 2)], SEQUENCE, LENGTHS)
    case(f"packed {word}, all states", f"[{{{word}: {{units: 5, bidirectional: true, return-sequences: true}}}}, global-max-pool, {{dense: 2}}]",
         [layer(4, 5, True, bidirectional=True), Max(), nn.Linear(10, 2)], SEQUENCE, LENGTHS)
case("multi-head-attention", "[{multi-head-attention: 2}, global-avg-pool, {dense: 2}]", [Attention(4, 2), Mean(), nn.Linear(4, 2)], SEQUENCE, LENGTHS)
case("causal attention", "[{multi-head-attention: {heads: 4, causal: true}}, global-max-pool, {dense: 2}]",
     [Attention(4, 4, True), Max(), nn.Linear(4, 2)], SEQUENCE)
case("transformer-block, norm first", "[{transformer-block: 2}, global-avg-pool, {dense: 2}]",
     [Block(4, 2, 16, True), Mean(), nn.Linear(4, 2)], SEQUENCE, LENGTHS)
case("transformer-block, norm after", "[{transformer-block: {heads: 2, intermediate: 7, norm: post, causal: true}}, global-avg-pool, {dense: 2}]",
     [Block(4, 2, 7, False, True), Mean(), nn.Linear(4, 2)], SEQUENCE, LENGTHS)
case("sines of places", "[positional-encoding, tanh, global-max-pool, {dense: 2}]", [Apply(sines), nn.Tanh(), Max(), nn.Linear(4, 2)], SEQUENCE)
case("learnt places", "[{positional-encoding: {places: learned, longest: 8}}, tanh, flatten, {dense: 2}]",
     [Places(8, 4), nn.Tanh(), nn.Flatten(), nn.Linear(24, 2)], SEQUENCE)
case("concatenate", "[concatenate, {dense: {units: 5, activation: tanh}}, {dense: 2}]",
     [Columns(), Activated(10, 5, torch.tanh), nn.Linear(5, 2)], {"numbers": (4, 3), "categories": (4, 2)})
case("mlp", "[{mlp: {units: [7, 5], classes: 3}}]", [Mlp()], {"x": (4, 2, 3, 3)})
case("bert", "[{bert: {hidden: 8, layers: 2, heads: 2, longest: 6, dropout: 0, classes: 3}}]", [Bert()], TEXT, LENGTHS)

text = json.dumps({"cases": cases}, separators=(",", ":"))
target = Path(sys.argv[1]) / "layers.json.gz"
target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
