#!/usr/bin/env bash
# JPEG files to augmented batches (cut, flip, rotate, colours) beside torchvision with two workers, in turn: pictures a second.
# Usage: bench/pictures.sh [COUNT=2000] [ROUNDS=5] [FOLDER]   FOLDER: a folder a class of your own; else COUNT pictures are made
# Needs JDK 25 or newer (JAVA_HOME, else java) and a Python that has bench/peers/pictures-requirements.txt installed: PYTHON=…, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -o -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >/dev/null ||
  mvn -B -q -Dquick -pl bench -am compile dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
export PYTHON="${PYTHON:-python3}"
exec "$java" -XX:ActiveProcessorCount=2 -XX:+UseSerialGC -Xmn128m -Xmx2g -cp "bench/target/classes:$(cat bench/target/classpath.txt)" \
  dev.slipway.bench.PicturesBench "$@"
