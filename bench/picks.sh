#!/usr/bin/env bash
# Measures what a pick costs, and what it costs to make Maglev's table anew: bench/picks.sh [JMH's own options]
# On a quiet machine. The tables of bench/RESULTS.md are copied from what it prints.
set -euo pipefail
cd "$(dirname "$0")/.."
./mvnw -o -q -pl bench -am -DskipTests -Dspotless.check.skip=true test-compile
# The rooms as Maven has just compiled them, and JMH from its repository.
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
jars=$(find "$repository" \( -path '*org/openjdk/jmh/jmh-core/*' -o -path '*jopt-simple*' -o -path '*commons-math3*' \
    -o -path '*org/jspecify*' -o -path '*org/snakeyaml/snakeyaml-engine*' -o -path '*tools/jackson/core/jackson-core*' \) \
    -name '*.jar' | tr '\n' ':')
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "bench/target/classes:config/target/classes:metrics/target/classes:upstream/target/classes:$jars" \
    dev.fairlead.bench.Bench "PickBenchmark|MaglevBenchmark" -prof gc "$@"
