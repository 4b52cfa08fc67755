#!/usr/bin/env bash
# Kills a training process (SIGKILL) at random moments, lets it go on, and compares the end with an undisturbed
# run's, byte by byte. Prints "100 of 100" when all is well. bench/kill.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -q -Dquick test -pl core -am -Dtest=KillTest -Dslipway.kills="${1:-100}" \
  -Dsurefire.failIfNoSpecifiedTests=false 2>&1 | grep --line-buffered -E '^(undisturbed|run [0-9]|[0-9]+ of )|ERROR'
