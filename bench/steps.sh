#!/usr/bin/env bash
# Training steps of textbook networks beside PyTorch eager's, in turn: speeds and ratios. Run it on an idle machine.
# Usage: bench/steps.sh [networks=lstm,cnn,resnet18] [rounds=7] [seconds=3]
#        bench/steps.sh losses=50 compares losses from the same weights and batches.
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/train-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" MKL_NUM_THREADS=2 OMP_NUM_THREADS=2 GOMP_SPINCOUNT=1000
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC \
  -XX:CompileCommandFile=tensor/src/main/resources/dev/slipway/tensor/kernel/compile-commands -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.StepsBench "$@"
