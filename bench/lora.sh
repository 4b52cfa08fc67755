#!/usr/bin/env bash
# A LoRA step on a Llama of 110 M parameters (sequence 256, batch 4) beside PEFT on PyTorch: speed and peak memory, in turn. Run it on an idle machine.
# Usage: bench/lora.sh [precisions=fp32,bf16] [rounds=5] [seconds=8] [rank=8] [targets=all-linear] [peers=eager,compiled] [folder=target/lora-model]
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/lora-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" MKL_NUM_THREADS=2 OMP_NUM_THREADS=2 GOMP_SPINCOUNT=1000
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_ARENA_MAX=1
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC -Xmn128m \
  -XX:CompileCommandFile=tensor/src/main/resources/dev/slipway/tensor/kernel/compile-commands -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.LoraBench "$@"
