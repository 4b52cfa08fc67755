#!/usr/bin/env bash
# A CSV of numbers and categories to shuffled batches of floats and ids, one epoch, beside pandas and PyTorch's DataLoader, in turn: rows a second.
# Usage: bench/csv.sh [ROWS=5000000] [ROUNDS=3] [BATCH=1024]   The file is made first (about 75 bytes a row, in the folder for temporary files).
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/tables-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" OMP_NUM_THREADS=2
exec "$java" -XX:ActiveProcessorCount=2 -XX:+UseParallelGC -Xmx3g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" \
  dev.slipway.bench.CsvBench "$@"
