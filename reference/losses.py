"""Fixtures for dev.slipway.nn.loss, from PyTorch. Run with torch==2.15.0:

    python reference/losses.py core/src/test/resources/dev/slipway/nn/loss

Each case: outputs, targets, lengths where there are any, the loss of each example and the gradient of their sum.
Losses that PyTorch lacks (focal with several classes, InfoNCE, rankings) are written here in its operations, from the papers.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

IGNORED = -100


def record(name, yaml, output, target, loss, count, output_lengths=None, target_lengths=None):
    """loss: a function of the outputs that gives (B)."""
    output = output.clone().requires_grad_(True)
    per_example = loss(output)
    per_example.sum().backward()
    flat = lambda t: None if t is None else {"shape": list(t.shape), "values": t.detach().flatten().tolist()}
    return {
        "name": name, "loss": yaml, "output": flat(output), "target": flat(target),
        "integers": target.dtype == torch.int64, "count": count,
        "output_lengths": None if output_lengths is None else output_lengths.tolist(),
        "target_lengths": None if target_lengths is None else target_lengths.tolist(),
        "per_example": per_example.detach().tolist(), "gradient": output.grad.flatten().tolist(),
    }


def masked(losses, lengths):
    mask = torch.arange(losses.size(1)) < lengths[:, None]
    return torch.where(mask.view(*mask.shape, *[1] * (losses.dim() - 2)), losses, 0.0)


def rows(losses):
    return losses.reshape(losses.size(0), -1).sum(1)


def focal_cross_entropy(x, q, gamma, weight=None):
    logs = x.log_softmax(-1)
    losses = q * (1 - logs.exp()) ** gamma * logs
    return -(losses if weight is None else losses * weight).sum(-1)


def focal_binary(x, t, gamma):
    """torchvision.ops.sigmoid_focal_loss with alpha = -1."""
    p = x.sigmoid()
    return F.binary_cross_entropy_with_logits(x, t, reduction="none") * (1 - (p * t + (1 - p) * (1 - t))) ** gamma


def info_nce(x, temperature, symmetric):
    q, k = F.normalize(x[:, 0], dim=-1), F.normalize(x[:, 1], dim=-1)
    logits, own = q @ k.T / temperature, torch.arange(x.size(0))
    there = F.cross_entropy(logits, own, reduction="none")
    return (there + F.cross_entropy(logits.T, own, reduction="none")) / 2 if symmetric else there


def lambdarank(x, t):
    """By hand, pair by pair (Burges 2010, section 7), with NDCG of gains rel / log2(place + 1)."""
    s, losses = x[:, 0], [x.sum() * 0 for _ in range(len(x))]
    for query in t[:, 1].unique():
        own = [i for i in range(len(t)) if t[i, 1] == query]
        by_score = sorted(own, key=lambda i: -s[i].item())
        gain = lambda order: sum(t[i, 0].item() / math.log2(place + 2) for place, i in enumerate(order))
        ideal = gain(sorted(own, key=lambda i: -t[i, 0].item()))
        for i in own:
            for j in own:
                if t[i, 0] > t[j, 0]:
                    swapped = [j if k == i else i if k == j else k for k in by_score]
                    losses[i] = losses[i] + abs(gain(by_score) - gain(swapped)) / ideal * F.softplus(s[j] - s[i])
    return torch.stack(losses)


def listnet(x, t):
    losses = torch.zeros(len(x))
    for query in t[:, 1].unique():
        own = t[:, 1] == query
        losses[own] = -t[own, 0].softmax(0) * x[own, 0].log_softmax(0)
    return losses


def main():
    assert torch.__version__.startswith("2.15."), torch.__version__
    torch.manual_seed(11)
    cases = []
    add = lambda *args, **kw: cases.append(record(*args, **kw))

    x, t = torch.randn(5, 3) * 2, torch.randn(5, 3) * 2
    lengths = torch.tensor([4, 1, 3])
    sx, st = torch.randn(3, 4, 2), torch.randn(3, 4, 2)
    for name, yaml, f in [
        ("mse", "mse", lambda o, t: F.mse_loss(o, t, reduction="none")),
        ("mae", "mae", lambda o, t: F.l1_loss(o, t, reduction="none")),
        ("huber", "huber", lambda o, t: F.huber_loss(o, t, reduction="none")),
        ("huber with delta", "huber: 0.4", lambda o, t: F.huber_loss(o, t, reduction="none", delta=0.4)),
    ]:
        add(name, yaml, x, t, lambda o, f=f: rows(f(o, t)), 15)
        add(name + ", padded", yaml, sx, st, lambda o, f=f: rows(masked(f(o, st), lengths)), 16, target_lengths=lengths)
    column = torch.randn(4)
    add("mse of a column", "mse", torch.randn(4, 1), column, lambda o: (o[:, 0] - column) ** 2, 4)

    logits, classes = torch.randn(6, 4) * 3, torch.tensor([0, 3, IGNORED, 1, 1, 2])
    soft = torch.rand(6, 4).softmax(1)
    weight = torch.tensor([0.5, 1.0, 2.0, 4.0])
    given = "class-weights: { given: [0.5, 1, 2, 4] }"
    ce = lambda o, t, **kw: F.cross_entropy(o, t, reduction="none", **kw)
    smooth = lambda eps: (F.one_hot(classes.clamp(min=0), 4) * (1 - eps) + eps / 4) * (classes >= 0)[:, None]
    add("cross-entropy", "cross-entropy", logits, classes, lambda o: ce(o, classes), 5)
    add("cross-entropy, smoothed", "cross-entropy: { label-smoothing: 0.1 }", logits, classes,
        lambda o: ce(o, classes, label_smoothing=0.1), 5)
    add("cross-entropy, weighed", f"cross-entropy: {{ {given} }}", logits, classes, lambda o: ce(o, classes, weight=weight), 5)
    add("cross-entropy, smoothed and weighed", f"cross-entropy: {{ label-smoothing: 0.2, {given} }}", logits, classes,
        lambda o: ce(o, classes, weight=weight, label_smoothing=0.2), 5)
    add("cross-entropy of mixtures", "cross-entropy", logits, soft, lambda o: ce(o, soft), 6)
    add("cross-entropy of mixtures, smoothed and weighed", f"cross-entropy: {{ label-smoothing: 0.2, {given} }}", logits, soft,
        lambda o: ce(o, soft, weight=weight, label_smoothing=0.2), 6)
    add("focal", "cross-entropy: { focal: 2 }", logits, classes, lambda o: focal_cross_entropy(o, smooth(0), 2), 5)
    add("focal, smoothed and weighed", f"cross-entropy: {{ focal: 1.5, label-smoothing: 0.1, {given} }}", logits, classes,
        lambda o: focal_cross_entropy(o, smooth(0.1), 1.5, weight), 5)
    add("focal of mixtures", "cross-entropy: { focal: 2 }", logits, soft, lambda o: focal_cross_entropy(o, soft, 2), 6)
    tags = torch.tensor([[0, 1, 2, 1], [2, IGNORED, IGNORED, IGNORED], [1, 1, 0, IGNORED]])
    tx = torch.randn(3, 4, 3)
    add("cross-entropy of tags", "cross-entropy", tx, tags, lambda o: ce(o.transpose(1, 2), tags).sum(1), 8)
    full = tags.clamp(min=0)
    add("cross-entropy of tags, by length", "cross-entropy", tx, full,
        lambda o: masked(ce(o.transpose(1, 2), full), lengths).sum(1), 8, target_lengths=lengths)

    bx, bt = torch.randn(5, 3) * 2, torch.randint(0, 2, (5, 3)).float()
    bce = lambda o, t, **kw: F.binary_cross_entropy_with_logits(o, t, reduction="none", **kw)
    add("binary", "binary-cross-entropy", bx, bt, lambda o: rows(bce(o, bt)), 15)
    add("binary, smoothed", "binary-cross-entropy: { label-smoothing: 0.1 }", bx, bt,
        lambda o: rows(bce(o, bt * 0.9 + 0.05)), 15)
    add("binary, positive weights", "binary-cross-entropy: { positive-weights: [0.5, 2, 3] }", bx, bt,
        lambda o: rows(bce(o, bt, pos_weight=torch.tensor([0.5, 2.0, 3.0]))), 15)
    add("binary, class weights", "binary-cross-entropy: { class-weights: { given: [0.5, 3] } }", bx, bt,
        lambda o: rows(bce(o, bt, weight=torch.where(bt > 0, 3.0, 0.5))), 15)
    add("binary focal", "binary-cross-entropy: { focal: 2 }", bx, bt, lambda o: rows(focal_binary(o, bt, 2)), 15)
    mixed = torch.rand(5, 3)
    add("binary of mixtures, smoothed and weighed",
        "binary-cross-entropy: { label-smoothing: 0.2, positive-weights: [0.5, 2, 3] }", bx, mixed,
        lambda o: rows(bce(o, mixed * 0.8 + 0.1, pos_weight=torch.tensor([0.5, 2.0, 3.0]))), 15)
    far = torch.tensor([[80.0, -80.0, 200.0], [-200.0, 0.0, 80.0]])
    sure = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    add("binary far out", "binary-cross-entropy: { class-weights: { given: [1, 2] } }", far, sure,
        lambda o: rows(bce(o, sure, pos_weight=torch.tensor(2.0))), 6)

    cx, ct = torch.randn(3, 7, 5), torch.tensor([[1, 1, 2, 0], [4, 3, 0, 0], [2, 3, 4, 1]])
    out_lengths, in_lengths = torch.tensor([7, 5, 6]), torch.tensor([3, 2, 4])
    add("ctc", "ctc", cx, ct,
        lambda o: F.ctc_loss(o.log_softmax(2).transpose(0, 1), ct, out_lengths, in_lengths, reduction="none", zero_infinity=True),
        3, output_lengths=out_lengths, target_lengths=in_lengths)
    short = torch.tensor([2, 5, 6])
    add("ctc, one too short", "ctc", cx, ct,
        lambda o: F.ctc_loss(o.log_softmax(2).transpose(0, 1), ct, short, in_lengths, reduction="none", zero_infinity=True),
        3, output_lengths=short, target_lengths=in_lengths)

    add("triplet", "triplet: 1.5", torch.randn(6, 3, 4), torch.zeros(6),
        lambda o: F.triplet_margin_loss(o[:, 0], o[:, 1], o[:, 2], margin=1.5, reduction="none"), 6)
    pairs = torch.randn(5, 2, 4)
    add("info-nce", "info-nce: { temperature: 0.2, symmetric: false }", pairs, torch.zeros(5), lambda o: info_nce(o, 0.2, False), 5)
    add("info-nce, symmetric", "info-nce: { temperature: 0.1 }", pairs, torch.zeros(5), lambda o: info_nce(o, 0.1, True), 5)

    sx = torch.randn(5, 4)
    add("bpr", "bpr", sx, torch.zeros(5), lambda o: F.softplus(o[:, 1:] - o[:, :1]).mean(1), 5)
    far = torch.tensor([[90.0, -90.0], [-90.0, 90.0]])
    add("bpr far out", "bpr", far, torch.zeros(2), lambda o: F.softplus(o[:, 1:] - o[:, :1]).mean(1), 2)
    relevance = torch.tensor([[2, 7], [0, 3], [1, 7], [0, 7], [3, 7], [1, 3], [0, 9], [0, 9]], dtype=torch.float32)
    for name, f in [("lambdarank", lambdarank), ("listnet", listnet)]:
        add(name, name, torch.randn(8, 1) * 2, relevance, lambda o, f=f: f(o, relevance), 8)

    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    (out / "losses.json").write_text(json.dumps(cases) + "\n")


main()
