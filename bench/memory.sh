#!/usr/bin/env bash
# What tuning takes in memory beside what the forecast says, for full tuning, LoRA, QLoRA, prompts and prefixes of models of several sizes.
# Usage: bench/memory.sh [layers=4,12] [methods=full,lora,qlora,prompt,prefix] [precisions=fp32,bf16] [rows=4] [columns=256] [runs=steps] [folder=target/lora-model]
#        runs=whole takes whole runs of the built command in the place of three steps; runs=encoder those of a published encoder:
#        [model=sentence-transformers/all-MiniLM-L6-v2] [records=2000,50000] [methods=full,lora,pfeiffer,frozen] [precisions=bf16]
# Needs JDK 25 or newer (JAVA_HOME, else java).
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export MKL_NUM_THREADS=2 OMP_NUM_THREADS=2 GOMP_SPINCOUNT=1000
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_ARENA_MAX=1
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC -Xmn128m \
  -XX:CompileCommandFile=tensor/src/main/resources/dev/slipway/tensor/kernel/compile-commands -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.TuneMemoryBench "$@"
