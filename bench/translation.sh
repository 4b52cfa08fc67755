#!/usr/bin/env bash
# The recipe of translation and the same network in PyTorch, one after the other, on the test split of Multi30k: BLEU with
# sacrebleu's signature, and what training took. Run it on an idle machine.
# Usage: SLIPWAY_DATASETS=FOLDER bench/translation.sh [epochs=6] [seed=1]; the folder holds multi30k/. speed=N in place of
# both compares N training steps of the two, with what each had of the processors.
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/translation-requirements.txt
# installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
epochs=6 seed=1 speed=
for argument in "$@"; do
  case $argument in
    epochs=*) epochs=${argument#*=} ;;
    seed=*) seed=${argument#*=} ;;
    speed=*) speed=${argument#*=} ;;
    *) echo "$argument, expected epochs=N, seed=N or speed=N" >&2; exit 2 ;;
  esac
done
: "${SLIPWAY_DATASETS:?names the folder that holds multi30k/}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
peer() { "${PYTHON:-python3}" bench/peers/translation.py "$SLIPWAY_DATASETS/multi30k" --tokenizer "$1" --split test --seed "$seed" "${@:2}"; }
if [ -n "$speed" ]; then
  mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
    mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
  java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} GOMP_SPINCOUNT=1000 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296
  export MKL_NUM_THREADS=$OMP_NUM_THREADS
  "$java" --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC \
    -XX:CompileCommandFile=tensor/src/main/resources/dev/slipway/tensor/kernel/compile-commands -Xmn128m -Xmx1g \
    -cp "bench/target/classes:$(cat bench/target/classpath.txt)" \
    dev.slipway.bench.TranslationBench steps="$speed" seed="$seed" tokenizer="$folder/tokenizer.json"
  peer "$folder/tokenizer.json" --steps "$speed" --threads "$OMP_NUM_THREADS"
  exit
fi
./slipway run recipes/translation --out "$folder/run" --set train.epochs="$epochs" --set seed="$seed"
cat "$folder/run/evaluation.json"
peer "$folder/run/model/tokenizer.json" --epochs "$epochs"
