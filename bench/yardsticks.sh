#!/usr/bin/env bash
# The yardsticks of tasks on real data, beside what scikit-learn gets on the same split: quality, seconds, heap.
# Usage: SLIPWAY_DATASETS=FOLDER bench/yardsticks.sh [credit|imdb|movies|digits|translation …]; the folder holds german.csv, aclImdb_v1.tar.gz, ml-100k.zip, mnist/ and multi30k/.
# Needs JDK 25 or newer (JAVA_HOME, else java); bench/peers/yardsticks.py gives scikit-learn's figures.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
exec "$java" --enable-native-access=ALL-UNNAMED -XX:ActiveProcessorCount=2 -XX:+UseSerialGC -Xmx2g \
  -cp "bench/target/classes:$(cat bench/target/classpath.txt)" dev.slipway.bench.YardstickBench "$@"
