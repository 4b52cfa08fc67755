#!/usr/bin/env bash
# The server's speed beside llama.cpp on the same weights (110 M parameters in Llama's shape, from a seed), in turn, round after round. Run it on an idle machine.
# Usage: bench/serve.sh [measures=decode] (also load, prefix, overhead, start, soak, adapters, reload, determinism, with commas) [types=bf16,f32,q8_0,q4_k_m] [cache=auto|int8] [rounds=3] [streams=1,16] [prompt=128] [answer=128] [clients=500] [minutes=10] [folder=target/serve-model]
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/serve-requirements.txt installed: PYTHON=…, else one is made in target/serve-venv.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -DskipTests package dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -DskipTests package dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
./slipway doctor >/dev/null # builds the launcher's class path where it is older
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
if [ -z "${PYTHON:-}" ]; then
  PYTHON=target/serve-venv/bin/python
  [ -x "$PYTHON" ] || { python3 -m venv target/serve-venv && "$PYTHON" -m pip install -q -r bench/peers/serve-requirements.txt; }
fi
export PYTHON MKL_NUM_THREADS=2 OMP_NUM_THREADS=2
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.openblas.load=mkl -XX:+UseSerialGC -Xmx512m \
  -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.ServeBench "$@"
