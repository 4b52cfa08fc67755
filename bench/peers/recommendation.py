"""Top-N films of MovieLens-100k by the library `implicit`: the peer of recipes/movies-top.

    python recommendation.py ml-100k.zip bpr als knn popular              # ua.base judged by ua.test, as the recipe is
    python recommendation.py ml-100k.zip als --validation --factors 32    # settings are chosen on this

Liked is a rating of 4 or 5; films that a user rated in training, whatever the rating, are left out of the answers.
"""

import argparse
import io
import time
import zipfile

import implicit
import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import CosineRecommender


def ratings(archive, name):
    with zipfile.ZipFile(archive) as opened, opened.open(f"ml-100k/{name}") as file:
        return np.loadtxt(io.TextIOWrapper(file, "utf-8"), dtype=np.int64)[:, :3]


def measure(scores, truth, k):
    """Means over users of NDCG, MAP, recall and hit rate at k."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    sums = np.zeros(4)
    for user, liked in truth.items():
        top = np.argsort(-scores[user], kind="stable")[:k]
        hits = np.isin(top, list(liked))
        most = min(k, len(liked))
        sums += [
            (hits * discounts).sum() / discounts[:most].sum(),
            (hits * hits.cumsum() / np.arange(1, k + 1)).sum() / most,
            hits.sum() / len(liked),
            hits.any(),
        ]
    return sums / len(truth)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("archive")
    parser.add_argument("models", nargs="+", choices=["bpr", "als", "knn", "popular"])
    parser.add_argument("--factors", type=int, default=0, help="0: 64 for bpr, 32 for als")
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--decay", type=float, default=0.0, help="0: 0.003 for bpr, 0.1 for als")
    parser.add_argument("--alpha", type=float, default=1.0)
    parser.add_argument("--iterations", type=int, default=0, help="0: 200 for bpr, 15 for als")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--validation", action="store_true", help="judge by five ratings of each user in ua.base")
    args = parser.parse_args()
    base = ratings(args.archive, "ua.base")
    if args.validation:
        shuffled = np.random.default_rng(7).permutation(len(base))
        seen, held = {}, np.zeros(len(base), dtype=bool)
        for row in shuffled:
            user = base[row, 0]
            seen[user] = seen.get(user, 0) + 1
            held[row] = seen[user] <= 5
        train, test = base[~held], base[held]
    else:
        train, test = base, ratings(args.archive, "ua.test")
    shape = (base[:, 0].max() + 1, 1683)
    likes = train[train[:, 2] >= 4]
    matrix = sp.csr_matrix((np.ones(len(likes), dtype=np.float32), (likes[:, 0], likes[:, 1])), shape=shape)
    known = set(train[:, 1])
    truth = {}
    for user, item, rating in test:
        if rating >= 4 and item in known:
            truth.setdefault(user, set()).add(item)
    for name in args.models:
        for seed in args.seeds if name in ("bpr", "als") else [0]:
            start = time.time()
            if name == "popular":
                scores = np.tile(np.asarray(matrix.sum(0)), (shape[0], 1))
            elif name == "knn":
                model = CosineRecommender(K=100)
                model.fit(matrix, show_progress=False)
                near = model.similarity.tolil()
                near.setdiag(0)
                scores = (matrix @ near.tocsr()).toarray()
            else:
                if name == "bpr":
                    model = BayesianPersonalizedRanking(
                        factors=args.factors or 64, learning_rate=args.rate, regularization=args.decay or 0.003,
                        iterations=args.iterations or 200, random_state=seed, num_threads=2)
                else:
                    model = AlternatingLeastSquares(
                        factors=args.factors or 32, regularization=args.decay or 0.1, alpha=args.alpha,
                        iterations=args.iterations or 15, random_state=seed, num_threads=2)
                model.fit(matrix, show_progress=False)
                scores = model.user_factors @ model.item_factors.T
            seconds = time.time() - start
            scores = scores.astype(np.float64)
            scores[:, 0] = -np.inf
            scores[:, [i for i in range(shape[1]) if i not in known]] = -np.inf
            scores[train[:, 0], train[:, 1]] = -np.inf
            figures = "  ".join(
                f"{metric}@{k} {value:.4f}"
                for k in (10, 20)
                for metric, value in zip(("ndcg", "map", "recall", "hit-rate"), measure(scores, truth, k)))
            print(f"implicit {implicit.__version__} {name} seed {seed}: {figures}  {len(truth)} users, {seconds:.1f} s", flush=True)


main()
