#!/bin/sh
# Fairlead as it is installed: its own Java, its options, its AOT cache.
self=$(readlink -f "$0")
home=${self%/bin/*}
# exec: signals reach the JVM itself. FAIRLEAD_JVM_OPTIONS is a list of words.
exec "$home/runtime/bin/java" "@$home/lib/jvm.options" "-XX:AOTCache=$home/lib/fairlead.aot" "-Dfairlead.home=$home" \
    ${FAIRLEAD_JVM_OPTIONS:-} -m dev.fairlead.server/dev.fairlead.server.cli.Main "$@"
