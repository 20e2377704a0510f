#!/usr/bin/env bash
# What a cache hit costs: Fairlead beside nginx's proxy_cache and Varnish, the same origin, the same load, one run,
# interleaved; and what one kept object of 1 KiB takes of memory. As bench/peers.sh, whose options it has.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/peers.sh"

SCENARIOS=(cache-1k cache-64k)
settings=cache
systems='nginx varnish fairlead'
command_line="bench/cache.sh$( (($# == 0)) || printf ' %q' "$@")"
readonly OBJECT_SECONDS=5

usage() {
    cat <<'END'
usage: bench/cache.sh [--rounds N] [--seconds N] [--connections N] [--warm SECONDS]
                      [--only cache-1k | cache-64k] [--record]
  as bench/peers.sh; --record adds the result to bench/RESULTS.md
END
}

start_backends() {
    head -c 1024 /dev/urandom >"$work/www/1k"
    head -c 65536 /dev/urandom >"$work/www/64k"
    render backend.conf >"$work/backend.conf"
    launch backend $LOAD_CORE nginx -e "$work/backend.err" -c "$work/backend.conf"
    await backend "${port[backend1]}"
}

start_varnish() {
    render varnish.vcl >"$work/varnish.vcl"
    launch varnish $BALANCER_CORE varnishd -F -n "$work/varnish" -a "127.0.0.1:${port[varnish-cache]}" \
        -f "$work/varnish.vcl" -s default,512m -p thread_pools=1 -p thread_pool_max=500
}

versions() {
    echo "nginx $(nginx -v 2>&1 | sed 's:.*/::')"
    varnishd -V 2>&1 | sed -n 's/^varnishd (varnish-\([^ ]*\).*/Varnish \1/p'
    echo "Fairlead $(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo '(no commit)')" \
        "on Java $(tr '\0' '\n' <"$work/fairlead.java")"
    wrk -v 2>&1 | awk 'NR == 1 { print $1 " " $2 }' || true
}

# What is in use after a collection: the heap of a JVM grows before it must.
live_kib() { # SYSTEM
    local each java='' family
    mapfile -t family < <(family "${pid[$1]}")
    for each in "${family[@]}"; do [[ $(readlink "/proc/$each/exe") != */bin/java ]] || java=$each; done
    if [[ -z $java ]]; then
        resident_kib "${family[@]}"
        return
    fi
    "$(dirname "$(readlink "/proc/$java/exe")")/jcmd" "$java" GC.run >/dev/null
    "$(dirname "$(readlink "/proc/$java/exe")")/jcmd" "$java" GC.heap_info |
        awk 'match($0, /used [0-9]+K/) && !/[Mm]etaspace|class space/ { sum += substr($0, RSTART + 5, RLENGTH - 6) } END { print sum }'
}

objects() { # SYSTEM: a line with the bytes that each of many objects of 1 KiB takes
    local before after count
    before=$(live_kib "$1")
    count=$(taskset -c $LOAD_CORE wrk -t1 -c16 -d"${OBJECT_SECONDS}s" -s "$HERE/cache/objects.lua" \
        "http://127.0.0.1:${port[$1-cache]}" | sed -n 's/^OBJECTS //p')
    after=$(live_kib "$1")
    echo "| $1 | $count | $(((after - before) * 1024 / count)) |"
}

main() {
    local system
    options "$@"
    need varnishd
    ulimit -n "$(ulimit -Hn)"
    trap stop_all EXIT
    trap 'exit 130' INT TERM
    work=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-cache.XXXXXX")
    chmod 755 "$work"
    mkdir "$work/www"
    free_port backend1
    free_port fairlead-admin
    for system in $systems; do free_port "$system-cache"; done
    start_backends
    for system in $systems; do
        "start_$system"
        await "$system" "${port[$system-cache]}"
    done
    note_java
    for_scenarios run_scenario
    {
        report
        echo
        echo '### memory of one kept object of 1 KiB'
        echo
        echo '| system | objects | bytes for each |'
        echo '|---|---:|---:|'
        for system in $systems; do objects "$system"; done
        echo
        echo 'Resident memory before and after; of Fairlead what is in use after a collection. nginx has bodies in files,'
        echo 'which are not counted: only its keys are.'
    } | tee "$work/report.md"
    if [[ $record == yes ]]; then keep <"$work/report.md"; fi
}

main "$@"
