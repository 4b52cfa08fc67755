"""The network and settings of recipes/translation in PyTorch, on Multi30k: BLEU by sacrebleu, with its signature.

    python translation.py FOLDER/multi30k --tokenizer FOLDER/tokenizer.json [--split test] [--seed 1] [--epochs 10]

torch.nn.Transformer between embeddings times sqrt(C) with sinusoids and a tied head, dropout on attention's shares
off as in Slipway; one byte-level BPE for both sides, Slipway's own where --tokenizer names the file in a model folder
(a BPE of tokenizers, learnt of both texts, without it) and one embedding; sentences of like length in a batch; Adam
(0.9, 0.98), a warm-up and half a cosine; beam search with Wu's length penalty 0.6, one sentence at a time. It reads
the same lines. --steps N stops there and tells the speed alone.
"""

import argparse
import gzip
import math
import random
import time
from pathlib import Path

import sacrebleu
import torch
import torch.nn.functional as F
from tokenizers import ByteLevelBPETokenizer, Tokenizer

PAD, BEGIN, END = 0, 1, 2


def lines(folder, name):
    with gzip.open(folder / f"{name}.gz", "rt", encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line in file]


class EncoderDecoder(torch.nn.Module):
    def __init__(self, pieces, args):
        super().__init__()
        width = args.hidden
        self.scale = math.sqrt(width)
        self.target = torch.nn.Embedding(pieces, width)
        self.dropout = torch.nn.Dropout(args.dropout)
        self.transformer = torch.nn.Transformer(
            width, args.heads, args.layers, args.layers, args.inner, args.dropout, batch_first=True, norm_first=True)
        for module in self.modules():
            if isinstance(module, torch.nn.MultiheadAttention):
                module.dropout = 0.0
        torch.nn.init.normal_(self.target.weight, 0, width**-0.5)
        angle = torch.arange(128)[:, None] / 10_000 ** (torch.arange(0, width, 2).double() / width)
        self.register_buffer("places", torch.stack([angle.sin(), angle.cos()], 2).flatten(1).float())

    def embed(self, ids):
        return self.dropout(self.target(ids) * self.scale + self.places[: ids.size(1)])

    def encode(self, source):
        padding = torch.zeros(source.shape).masked_fill(source == PAD, -1e9)
        return self.transformer.encoder(self.embed(source), src_key_padding_mask=padding), padding

    def decode(self, memory, padding, target):
        causal = torch.nn.Transformer.generate_square_subsequent_mask(target.size(1))
        x = self.transformer.decoder(
            self.embed(target), memory, tgt_mask=causal, memory_key_padding_mask=padding, tgt_is_causal=True)
        return F.linear(x, self.target.weight)


def padded(rows):
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def batches(pairs, size, order):
    order.shuffle(pairs)
    result = []
    for start in range(0, len(pairs), 50 * size):
        some = sorted(pairs[start : start + 50 * size], key=lambda pair: (len(pair[1]), len(pair[0])))
        cut = [some[i : i + size] for i in range(0, len(some), size)]
        order.shuffle(cut)
        result += cut
    return result


def search(model, source, beams, alpha, longest):
    """One sentence; all its beginnings are one batch."""
    memory, padding = model.encode(torch.tensor([source or [PAD]]))
    live, found = [([], 0.0)], []
    for tokens in range(1, longest + 1):
        rows = torch.tensor([[BEGIN, *ids] for ids, _ in live])
        logits = model.decode(memory.expand(len(live), -1, -1), padding.expand(len(live), -1), rows)[:, -1]
        best = logits.log_softmax(1).topk(2 * beams)
        candidates = sorted(
            ((ids, i, score + s) for (ids, score), row, scores in zip(live, best.indices.tolist(), best.values.tolist())
             for i, s in zip(row, scores)), key=lambda c: -c[2])[: 2 * beams]
        live = []
        for rank, (ids, i, score) in enumerate(candidates):
            if len(live) == beams:
                break
            if i != END:
                live.append(([*ids, i], score))
            elif rank < beams:
                found.append((score / ((5 + tokens) / 6) ** alpha, ids))
        found = sorted(found, key=lambda f: -f[0])[:beams]
        if len(found) == beams and live[0][1] / ((5 + tokens) / 6) ** alpha <= found[-1][0]:
            break
    else:
        found += [(score / ((5 + longest) / 6) ** alpha, ids) for ids, score in live]
    return max(found, key=lambda f: f[0])[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokenizer", type=Path)
    for name, value in dict(epochs=6.0, size=4000, hidden=128, inner=256, layers=4, heads=4, dropout=0.1, batch=64,
                            rate=2e-3, warmup=0, smoothing=0.1, beams=5, seed=1, threads=2, steps=0).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--split", choices=["validation", "test"], default="validation")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    if args.tokenizer:
        tokenizer = Tokenizer.from_file(str(args.tokenizer))
    else:
        tokenizer = ByteLevelBPETokenizer()
        tokenizer.train_from_iterator(
            lines(args.folder, "train.en") + lines(args.folder, "train.de"), args.size, 2,
            special_tokens=["<pad>", "<s>", "</s>"])
    encode = lambda side, name: [
        tokenizer.encode(line, add_special_tokens=False).ids[:99] for line in lines(args.folder, f"{name}.{side}")]
    pairs = list(zip(encode("en", "train"), encode("de", "train")))
    model = EncoderDecoder(tokenizer.get_vocab_size(), args)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {tokenizer.get_vocab_size():,} pieces")
    optimizer = torch.optim.Adam(model.parameters(), lr=args.rate, betas=(0.9, 0.98), eps=1e-9)
    steps = args.steps or int(args.epochs * -(-len(pairs) // args.batch))

    warmup = args.warmup or steps // 10

    def factor(step):
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return (1 + math.cos(math.pi * min(1, (step - warmup) / (steps - warmup)))) / 2

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    order, started, step, epoch = random.Random(args.seed), time.time(), 0, []
    losses, targets, processor = [], 0, time.process_time()
    while step < steps:
        epoch = epoch or batches(pairs, args.batch, order)
        some = epoch.pop()
        wanted = padded([target + [END] for _, target in some])
        known = padded([[BEGIN] + target for _, target in some])
        there = torch.arange(wanted.size(1)) < torch.tensor([len(target) + 1 for _, target in some])[:, None]
        memory, padding = model.encode(padded([source for source, _ in some]))
        logits = model.decode(memory, padding, known)
        loss = F.cross_entropy(logits[there], wanted[there], label_smoothing=args.smoothing)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        step += 1
        losses.append(loss.item())
        targets += int(there.sum())
        if step % max(1, steps // 12) == 0:
            print(f"step {step} of {steps}: loss {sum(losses) / len(losses):.4f}, {time.time() - started:.0f} s "
                  f"({time.process_time() - processor:.0f} s of processor), {targets:,} targets", flush=True)
            losses = []
    trained = time.time() - started
    if args.steps:
        return
    model.eval()
    name = {"validation": "val", "test": "test_2016_flickr"}[args.split]
    with torch.no_grad():
        told = [tokenizer.decode(search(model, source, args.beams, 0.6, 100)) for source in encode("en", name)]
    bleu = sacrebleu.metrics.BLEU()
    score = bleu.corpus_score(told, [lines(args.folder, f"{name}.de")])
    print(f"{args.split}: BLEU {score.score:.2f} ({bleu.get_signature()}); trained in {trained:.0f} s, "
          f"answered in {time.time() - started - trained:.0f} s")


if __name__ == "__main__":
    main()
