#!/usr/bin/env bash
# Opens broken safetensors, GGUF and tokenizer files, made from valid ones; ends with 1 when one crashes, hangs or fails in another way than with a sentence.
# What it finds is printed as lines for core/src/test/resources/dev/slipway/fuzz/regressions.txt; the file at work lies in target/fuzz when the whole process dies.
# Usage: bench/fuzz.sh [seconds=60] [seed=1]
#        bench/fuzz.sh files=1000000 [seed=1]
# Needs JDK 25 or newer (JAVA_HOME) and Maven.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=60 files= seed=1
for setting in "$@"; do
  case $setting in
    seconds=*) seconds=${setting#*=} ;;
    files=*) files=${setting#*=} ;;
    seed=*) seed=${setting#*=} ;;
    *) echo "$setting is none of seconds=, files=, seed=" >&2; exit 2 ;;
  esac
done
amount=(-Dslipway.fuzz.seconds="$seconds")
if [ -n "$files" ]; then amount=(-Dslipway.fuzz.files=$(((files + 2) / 3))); fi
exec mvn -B -q -Dquick -pl core -am -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false "${amount[@]}" \
  -Dslipway.fuzz.seed="$seed" -Dslipway.fuzz.folder="$PWD/target/fuzz" test
