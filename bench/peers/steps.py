"""Training steps of textbook networks in PyTorch eager, measured in rounds that StepsBench asks for, in turn with its own.

Reads one command a line: `round SECONDS` trains that long and prints examples a second; `losses STEPS` trains from the given
weights and prints the mean loss of each step; `quit`.

Written as one would: modules, Adam (fused), gradients set to none, gradient norm clipped at 1 over foreach. Batches are made
beforehand: what is measured is the step.
"""

import argparse
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("network", choices=["lstm", "cnn", "resnet18"])
parser.add_argument("--weights", required=True, help="float32 values, parameter after parameter in Slipway's order")
parser.add_argument("--inputs", required=True, help="float32 or int64 values of the batches, one after the other")
parser.add_argument("--targets", required=True, help="int64")
parser.add_argument("--rows", type=int, default=64)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--channels-last", action="store_true")
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)


class Lstm(nn.Module):
    """Keras' IMDB network: the sigmoid is in the loss."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 16)
        self.lstm = nn.LSTM(16, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, x):
        return self.dense(self.lstm(self.embedding(x))[0][:, -1])[:, 0]


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.hidden = nn.Linear(32 * 13 * 13, 64)
        self.dense = nn.Linear(64, 10)

    def forward(self, x):
        return self.dense(F.relu(self.hidden(F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1))))


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or inputs != width:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """torchvision.models.resnet18(num_classes=10)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        widths = [64, 64, 128, 256, 512]
        for i in range(4):
            blocks = nn.Sequential(Block(widths[i], widths[i + 1], 1 if i == 0 else 2), Block(widths[i + 1], widths[i + 1], 1))
            setattr(self, f"layer{i + 1}", blocks)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


model = {"lstm": Lstm, "cnn": Cnn, "resnet18": ResNet18}[args.network]()
SHAPE = {"lstm": (250,), "cnn": (1, 28, 28), "resnet18": (3, 32, 32)}[args.network]
if args.channels_last:
    model = model.to(memory_format=torch.channels_last)
flat = np.fromfile(args.weights, dtype=np.float32)
at = 0
with torch.no_grad():
    for name, p in model.named_parameters():
        p.copy_(torch.from_numpy(flat[at : at + p.numel()]).view(p.shape))
        at += p.numel()
assert at == flat.size, (at, flat.size)
inputs = torch.from_numpy(np.fromfile(args.inputs, dtype=np.int64 if args.network == "lstm" else np.float32))
inputs = list(inputs.view(-1, args.rows, *SHAPE))
if args.channels_last:
    inputs = [x.contiguous(memory_format=torch.channels_last) for x in inputs]
targets = list(torch.from_numpy(np.fromfile(args.targets, dtype=np.int64)).view(-1, args.rows))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
steps = 0


def step():
    global steps
    x, y = inputs[steps % len(inputs)], targets[steps % len(inputs)]
    steps += 1
    optimizer.zero_grad(set_to_none=True)
    output = model(x)
    loss = F.binary_cross_entropy_with_logits(output, y.float()) if args.network == "lstm" else F.cross_entropy(output, y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


for line in sys.stdin:
    command = line.split()
    if command[0] == "quit":
        break
    if command[0] == "losses":
        print(" ".join(repr(step()) for _ in range(int(command[1]))), flush=True)
        continue
    step()
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < float(command[1]):
        step()
        count += 1
    print(count * args.rows / (time.perf_counter() - start), flush=True)
