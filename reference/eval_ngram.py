"""Makes core/src/test/resources/dev/slipway/eval/ngram.json: interpolated modified Kneser-Ney over bytes, written
down naively from Chen and Goodman 1998 (equations 24 to 26) with dictionaries of n-grams.

Run with: python reference/eval_ngram.py  (the standard library alone)
"""

import collections
import json
import math
import pathlib

END = 0xFF
WORDS = "the ship sails a slipway launches heavy into water and 'ü' returns; {0} = new int[3]".split(" ")


def text(seed, length):
    state, words = seed, []
    for _ in range(length):
        state = (state * 1103515245 + 12345) % 2**31
        words.append(WORDS[(state >> 16) % len(WORDS)])
        if (state >> 8) % 5 == 0:
            words.append(words[-1])
    return " ".join(words)


def train(documents, longest):
    """counts[k][context][symbol]: adjusted counts for contexts of k bytes."""
    raw = [collections.defaultdict(collections.Counter) for _ in range(longest + 1)]
    for document in documents:
        padded = bytes([END]) + document + bytes([END])
        for i in range(1, len(padded)):
            for k in range(0, min(longest, i) + 1):
                raw[k][padded[i - k : i]][padded[i]] += 1
    counts = [collections.defaultdict(collections.Counter) for _ in range(longest + 1)]
    for k in range(longest + 1):
        for context, followers in raw[k].items():
            if k == longest or context[:1] == bytes([END]):
                counts[k][context] = followers
        if k < longest:
            for context, followers in raw[k + 1].items():
                for symbol in followers:
                    counts[k][context[1:]][symbol] += 1
    discounts = []
    for k in range(longest + 1):
        n = collections.Counter(c for f in counts[k].values() for c in f.values())
        y = n[1] / (n[1] + 2 * n[2]) if n[1] + n[2] else math.nan
        d = [0.0]
        for a in (1, 2, 3):
            value = a - (a + 1) * y * n[a + 1] / n[a] if n[a] else math.nan
            d.append(value if 0 < value < a else 0.5)
        discounts.append(d)
    return counts, discounts


def probability(model, context, symbol):
    counts, discounts = model
    longest = len(counts) - 1
    p = 1 / 256
    for k in range(0, min(longest, len(context)) + 1):
        followers = counts[k].get(context[len(context) - k :])
        if followers is None:
            break
        total = sum(followers.values())
        d = discounts[k]
        gamma = sum(d[min(c, 3)] for c in followers.values()) / total
        count = followers[symbol]
        p = (count - d[min(count, 3)]) / total + gamma * p
    return p


def nats(model, document):
    padded = bytes([END]) + document + bytes([END])
    return -sum(math.log(probability(model, padded[:i], padded[i])) for i in range(1, len(padded)))


training = [text(seed, 120) for seed in range(1, 9)]
held_out = [text(101, 40), "water", "", "ß unseen Ω " + text(103, 20)]
fixture = {"training": training, "heldOut": held_out, "orders": {}}
for order in (1, 2, 4, 7, 12):
    model = train([t.encode() for t in training], order - 1)
    fixture["orders"][str(order)] = [nats(model, t.encode()) for t in held_out]
path = pathlib.Path(__file__).parent.parent / "core/src/test/resources/dev/slipway/eval/ngram.json"
path.write_text(json.dumps(fixture, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
