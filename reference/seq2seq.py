"""Fixtures for dev.slipway.model.seq2seq and model.factorisation, from PyTorch. Run with torch==2.15.0:

    python reference/seq2seq.py core/src/test/resources/dev/slipway/model/seq2seq

The network is torch.nn.Transformer between embeddings times sqrt(C) with positions and a head without biases. For each
configuration: first values, logits of a padded batch, the losses of 50 steps of Adam (dropout 0), and what beam search
finds with the values after those steps. Beam search here goes through every sentence by itself, without any cache.
"""

import gzip
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

BEGIN, END = 1, 2


class EncoderDecoder(torch.nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        width = c["hidden"]
        self.target_embedding = torch.nn.Embedding(c["target"], width)
        self.source_embedding = self.target_embedding if c["shared"] else torch.nn.Embedding(c["source"], width)
        self.positions = torch.nn.Parameter(torch.randn(c["context"], width) * 0.02) if c["learned"] else None
        self.transformer = torch.nn.Transformer(
            width, c["heads"], c["layers"], c["decoder_layers"], c["inner"], dropout=0.0, activation="relu",
            batch_first=True, norm_first=c["pre"])
        self.head = None if c["tied"] else torch.nn.Linear(width, c["target"], bias=False)
        for embedding in {self.target_embedding, self.source_embedding}:
            torch.nn.init.normal_(embedding.weight, 0, width**-0.5)
        for name, p in self.named_parameters():  # so that biases and norms are not all alike
            if p.dim() == 1:
                p.data += torch.randn_like(p) * 0.1

    def place(self, length):
        if self.positions is not None:
            return self.positions[:length]
        width = self.c["hidden"]
        angle = torch.arange(length)[:, None] / 10_000 ** (torch.arange(0, width, 2).double() / width)
        return torch.stack([angle.sin(), angle.cos()], 2).flatten(1).float()

    def forward(self, source, lengths, target):
        scale = math.sqrt(self.c["hidden"])
        padding = torch.arange(source.size(1)) >= lengths[:, None]
        causal = torch.nn.Transformer.generate_square_subsequent_mask(target.size(1))
        x = self.transformer(
            self.source_embedding(source) * scale + self.place(source.size(1)),
            self.target_embedding(target) * scale + self.place(target.size(1)),
            tgt_mask=causal, src_key_padding_mask=padding.float().masked_fill(padding, float("-inf")),
            memory_key_padding_mask=padding.float().masked_fill(padding, float("-inf")), tgt_is_causal=True)
        return F.linear(x, self.target_embedding.weight if self.head is None else self.head.weight)

    def values(self):
        """By Slipway's names: query, key and value apart."""
        result = {}
        for name, p in self.named_parameters():
            name = name.removeprefix("transformer.")
            if "in_proj_" in name:
                for part, piece in zip("qkv", p.chunk(3)):
                    result[name.replace("in_proj_", f"{part}_proj.")] = piece
            else:
                result["positions.weight" if name == "positions" else name] = p
        return {name: {"shape": list(p.shape), "values": short(p)} for name, p in result.items()}


def short(tensor):
    """Nine digits tell one float32 from every other."""
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def penalty(tokens, alpha):
    return ((5.0 + tokens) / 6) ** alpha


def beam_search(model, source, beams, alpha, longest):
    """One sentence, (S) without padding."""
    live, found = [([], 0.0)], []
    with torch.no_grad():
        for tokens in range(1, longest + 1):
            candidates = []
            for ids, score in live:
                logits = model(source[None], torch.tensor([len(source)]), torch.tensor([[BEGIN, *ids]]))[0, -1]
                best = logits.log_softmax(0).topk(min(2 * beams, len(logits)))
                candidates += [(ids, i, score + s) for s, i in zip(best.values.double().tolist(), best.indices.tolist())]
            candidates = sorted(candidates, key=lambda c: -c[2])[: 2 * beams]
            live = []
            for rank, (ids, i, score) in enumerate(candidates):
                if len(live) == beams:
                    break
                if i != END:
                    live.append(([*ids, i], score))
                elif rank < beams:
                    found.append((ids, score, score / penalty(tokens, alpha)))
            found = sorted(found, key=lambda f: -f[2])[:beams]
            if not live or len(found) == beams and live[0][1] / penalty(tokens, alpha) <= found[-1][2]:
                break
        else:
            found += [(ids, score, score / penalty(longest, alpha)) for ids, score in live]
            found = sorted(found, key=lambda f: -f[2])[:beams]
    return [{"ids": ids, "log_probability": score, "score": normed} for ids, score, normed in found]


def batch(seed, c, rows=6):
    """The target is the source turned round, in part: it can be learnt, but not in 50 steps."""
    g = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 8, (rows,), generator=g)
    source = torch.zeros(rows, 7, dtype=torch.long)
    target = torch.zeros(rows, 8, dtype=torch.long)
    wanted = torch.full((rows, 8), -100)
    for row, length in enumerate(lengths.tolist()):
        words = torch.randint(3, min(c["source"], c["target"]), (length,), generator=g)
        source[row, :length] = words
        target[row, 0] = BEGIN
        target[row, 1 : length + 1] = words.flip(0)
        wanted[row, :length] = words.flip(0)
        wanted[row, length] = END
    return source, lengths, target, wanted


def fixture(name, **changes):
    c = {"name": name, "source": 17, "target": 17, "layers": 2, "decoder_layers": 2, "hidden": 16, "heads": 2, "inner": 32,
         "shared": True, "tied": True, "learned": False, "pre": True, "context": 16, "smoothing": 0.1, **changes}
    torch.manual_seed(len(name))
    model = EncoderDecoder(c)
    result = {"config": c, "initial": model.values()}
    source, lengths, target, _ = batch(0, c)
    result["logits"] = short(model(source, lengths, target))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    result["batches"], result["losses"] = [], []
    for step in range(50):
        source, lengths, target, wanted = batch(step, c)
        logits = model(source, lengths, target)
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), label_smoothing=c["smoothing"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        result["losses"].append(loss.item())
        result["batches"].append({"source": source.flatten().tolist(), "lengths": lengths.tolist(),
                                  "target": target.flatten().tolist(), "wanted": wanted.flatten().tolist()})
    model.eval()
    source, lengths, _, _ = batch(1000, c)
    result["search"] = {"source": source.flatten().tolist(), "lengths": lengths.tolist(), "found": {}}
    for beams, alpha in [(1, 0.0), (4, 0.6), (5, 1.0)]:
        result["search"]["found"][f"{beams} {alpha}"] = [
            beam_search(model, source[row, : lengths[row]], beams, alpha, 12) for row in range(len(source))]
    return result


def main():
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    cases = [fixture("pre"), fixture("post", pre=False, learned=True, decoder_layers=1),
             fixture("separate", source=19, target=23, shared=False, tied=False, heads=4, smoothing=0.0)]
    with gzip.GzipFile(folder / "transformer.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(cases).encode())


if __name__ == "__main__":
    main()
