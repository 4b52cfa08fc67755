#!/usr/bin/env bash
# RMSE of matrix factorisation with biases on MovieLens-100k; bench/peers/factorisation.py is the same in PyTorch.
# Usage: SLIPWAY_DATASETS=FOLDER bench/factorisation.sh [factors=64 seed=1 split=test …]; the folder holds ml-100k.zip.
# Needs JDK 25 or newer (JAVA_HOME, else java).
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
exec "$java" --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector -XX:ActiveProcessorCount=2 -XX:+UseSerialGC -Xmx1g \
  -cp "bench/target/classes:$(cat bench/target/classpath.txt)" "dev.slipway.bench.FactorisationBench" "$@"
