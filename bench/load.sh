#!/usr/bin/env bash
# A model of 2 GB in float32 from its folder to its first logits, beside transformers, in turn. Run it on an idle machine with 8 GB of memory and 2 GB of disk.
# Usage: bench/load.sh [gigabytes=2] [rounds=5] [folder=target/load-model]
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/load-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" MKL_NUM_THREADS=2 OMP_NUM_THREADS=2 GOMP_SPINCOUNT=1000
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC \
  -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.LoadBench "$@"
