#!/usr/bin/env bash
# Top-N films on MovieLens-100k by recipes/movies-top, then by the library `implicit` at the settings that did best on a validation split.
# Usage: SLIPWAY_DATASETS=FOLDER bench/recommendation.sh [seeds, 1 2 3 where none is given]; the folder holds ml-100k.zip.
# Needs JDK 25 or newer and a Python that has bench/peers/recommendation-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then set -- 1 2 3; fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${PYTHON:-python3}
for seed in "$@"; do
  sed "s/^seed: .*/seed: $seed/" recipes/movies-top/recipe.yaml >"$folder/recipe.yaml"
  ./slipway run "$folder/recipe.yaml" --out "$folder/run-$seed" >"$folder/log" 2>&1 || { tail -n 5 "$folder/log" >&2; exit 1; }
  "$python" - "$seed" "$folder/run-$seed/evaluation.json" <<'PYTHON'
import json, sys
evaluation = json.load(open(sys.argv[2], encoding="utf-8"))
value = {metric["name"]: metric["value"] for metric in evaluation["metrics"]}
figures = "  ".join(f"{name}@{k} {value[f'{name}@{k}']:.4f}" for k in (10, 20) for name in ("ndcg", "map", "recall", "hit-rate"))
beside = "  ".join(f"{one['name']} {one['value']:.4f}" for one in evaluation["yardsticks"])
print(f"slipway seed {sys.argv[1]}: {figures}  {evaluation['examples']} users; ndcg@10 of {beside}", flush=True)
PYTHON
done
export OPENBLAS_NUM_THREADS=1
peer="bench/peers/recommendation.py $SLIPWAY_DATASETS/ml-100k.zip"
# shellcheck disable=SC2086
"$python" $peer popular knn
# shellcheck disable=SC2086
"$python" $peer als --factors 64 --decay 30 --alpha 4 --seeds "$@"
# shellcheck disable=SC2086
"$python" $peer bpr --factors 64 --rate 0.01 --decay 0.01 --iterations 100 --seeds "$@"
