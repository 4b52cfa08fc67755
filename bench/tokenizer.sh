#!/usr/bin/env bash
# Training and encoding of a byte-level BPE beside Hugging Face's tokenizers, in turn, two threads each.
# Usage: bench/tokenizer.sh [MEGABYTES=29] [VOCABULARY=4096] [ROUNDS=5]
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/tokenizer-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" RAYON_NUM_THREADS=2 TOKENIZERS_PARALLELISM=true
exec "$java" -XX:ActiveProcessorCount=2 -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" \
  dev.slipway.bench.TokenizerBench "$@"
