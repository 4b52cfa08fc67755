#!/usr/bin/env bash
# ROC AUC, average precision, F1 and log loss of two classes beside scikit-learn, in turn, two threads.
# Usage: bench/metrics.sh [ROWS=10000000] [ROUNDS=3]
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/metrics-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" OMP_NUM_THREADS=2
exec "$java" -XX:ActiveProcessorCount=2 -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" \
  dev.slipway.bench.MetricsBench "$@"
