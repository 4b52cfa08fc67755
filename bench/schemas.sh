#!/usr/bin/env bash
# How many schemas of the JSON Schema Test Suite answers can be held to, why others are refused, and whether random answers are right.
# Usage: bench/schemas.sh
# Needs JDK 25 or newer (JAVA_HOME) and Maven; PYTHON, where it is set, names an interpreter with reference/schema-requirements.txt, whose jsonschema judges the answers.
set -euo pipefail
cd "$(dirname "$0")/.."
answers="$PWD/target/schemas/answers"
mkdir -p "$(dirname "$answers")"
mvn -B -q -Dquick -pl core -am -Dtest=SchemaSuiteTest -Dsurefire.failIfNoSpecifiedTests=false -Dslipway.schemas.answers="$answers" test
cat "$answers.txt"
if [ -n "${PYTHON:-}" ]; then "$PYTHON" reference/schema_suite.py judge < "$answers"; fi
