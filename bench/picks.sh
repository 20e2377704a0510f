#!/usr/bin/env bash
# Measures what a pick costs, what it costs to find the route of a request, and to make Maglev's table anew:
# bench/picks.sh [JMH's own options, or a name of its benchmarks]
# On a quiet machine. The tables of bench/RESULTS.md are copied from what it prints.
set -euo pipefail
cd "$(dirname "$0")/.."
./mvnw -o -q -pl bench -am -DskipTests -Dspotless.check.skip=true test-compile
# The rooms as Maven has just compiled them, and JMH from its repository.
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
jars=$(find "$repository" \( -path '*org/openjdk/jmh/jmh-core/*' -o -path '*jopt-simple*' -o -path '*commons-math3*' \
    -o -path '*org/jspecify*' -o -path '*io/netty*' -o -path '*com/google/re2j*' -o -path '*org/snakeyaml/snakeyaml-engine*' -o -path '*tools/jackson/core/jackson-core*' \) \
    -name '*.jar' | tr '\n' ':')
rooms=$(printf '%s/target/classes:' bench config metrics upstream sys net l4 http)
# What is measured, unless a name is given.
(($#)) && [[ $1 != -* ]] || set -- 'PickBenchmark|MaglevBenchmark|RouteBenchmark' "$@"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "$rooms$jars" dev.fairlead.bench.Bench "$@" -prof gc
