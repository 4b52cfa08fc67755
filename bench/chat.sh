#!/usr/bin/env bash
# From conversations to ids, through a chat template and a tokenizer, beside transformers' fast tokenizer: two threads each, in turn. Run it on an idle machine.
# Usage: bench/chat.sh MODEL [megabytes=16] [rounds=5]
#        MODEL is a folder with a tokenizer and a chat template, or a GGUF file such as llama.cpp's ggml-vocab-qwen2.gguf, whose vocabulary gets ChatML's template.
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/chat-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}" RAYON_NUM_THREADS=2 TOKENIZERS_PARALLELISM=true
exec "$java" -XX:ActiveProcessorCount=2 -XX:+UseSerialGC -Xmx3g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.ChatBench "$@"
