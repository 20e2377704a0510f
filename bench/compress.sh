#!/usr/bin/env bash
# What compressing costs: 32 KiB of JSON as gzip, Fairlead beside nginx, the same origin, the same load, one run,
# interleaved; each at its default, which is level 1 of both. As bench/peers.sh, whose options it has. And what others
# notice of it: how long small answers take by themselves, and beside long ones that are being compressed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/peers.sh"

SCENARIOS=(gzip-32k)
settings=compress
systems='nginx fairlead'
command_line="bench/compress.sh$( (($# == 0)) || printf ' %q' "$@")"

usage() {
    cat <<'END'
usage: bench/compress.sh [--rounds N] [--seconds N] [--connections N] [--warm SECONDS] [--record]
  as bench/peers.sh; --record adds the result to bench/RESULTS.md
END
}

# Records as an API answers them: names that repeat, values that do not, words of a small language.
json() {
    awk -v bytes=32768 'BEGIN {
        srand(7)
        words = split("alpha beta gamma delta order customer shipped pending cancelled refund invoice street city " \
            "Berlin Paris London note urgent gift wrap", word, " ")
        text = "{\"items\": ["
        while (length(text) < bytes - 2) {
            hex = ""
            for (i = 0; i < 32; i++) hex = hex sprintf("%x", int(rand() * 16))
            text = text sprintf("{\"id\": %d, \"uuid\": \"%s\", \"name\": \"%s %s %s\", \"price\": %.2f, " \
                "\"status\": \"%s\", \"created\": \"2026-%02d-%02dT%02d:%02d:%02dZ\", \"tags\": [\"%s\", \"%s\"], \"active\": %s}, ",
                rand() * 1e9, hex, word[1 + int(rand() * words)], word[1 + int(rand() * words)],
                word[1 + int(rand() * words)], rand() * 1000, word[1 + int(rand() * words)], 1 + rand() * 12,
                1 + rand() * 28, rand() * 24, rand() * 60, rand() * 60, word[1 + int(rand() * words)],
                word[1 + int(rand() * words)], rand() < 0.5 ? "true" : "false")
        }
        printf "%s", substr(text, 1, bytes - 2) "]}"
    }'
}

start_backends() {
    local i
    json >"$work/www/32k"
    for ((i = 0; i < 64; i++)); do cat "$work/www/32k"; done >"$work/www/2m"
    head -c 200 /dev/zero | tr '\0' x >"$work/www/small"
    render backend.conf >"$work/backend.conf"
    launch backend $LOAD_CORE nginx -e "$work/backend.err" -c "$work/backend.conf"
    await backend "${port[backend1]}"
}

load() { # SECONDS SYSTEM SCENARIO: one line, see peers/report.lua
    taskset -c $LOAD_CORE wrk -t1 -c"$connections" -d"${1}s" --timeout 5s -H "Accept-Encoding: ${3%-*}" \
        -s "$HERE/peers/report.lua" "$(url "$2" "$3")" | sed -n 's/^REPORT //p'
}

check() { # SYSTEM SCENARIO: what comes is compressed, and is what the backend has
    local size
    curl -sSf --max-time 5 -H "Accept-Encoding: ${2%-*}" --compressed "$(url "$1" "$2")" |
        cmp -s - "$work/www/32k" || fail "$1 alters the body in $2"
    size=$(size "$1" "$2" "${2%-*}")
    ((size < 16384)) || fail "$1 does not compress in $2: $size bytes"
}

size() { # SYSTEM SCENARIO CODING: bytes of the body on the wire
    curl -sSf --max-time 5 -H "Accept-Encoding: $3" -o /dev/null -w '%{size_download}' "$(url "$1" "$2")"
}

sizes() {
    local system coding
    echo '### bytes of the 32768 that are left'
    echo
    echo '| system | coding | bytes |'
    echo '|---|---|---:|'
    for system in $systems; do
        for coding in gzip br zstd; do
            [[ $system == nginx && $coding != gzip ]] || echo "| $system | $coding | $(size "$system" gzip-32k $coding) |"
        done
    done
}

# SYSTEM: p50 and p99 of small answers in microseconds, by themselves and beside 4 clients who take 2 MiB as gzip
beside() {
    local small alone busy
    small=$(url "$1" gzip-small)
    alone=$(percentiles "$small")
    taskset -c $LOAD_CORE wrk -t1 -c4 -d"$((seconds + 2))s" -H 'Accept-Encoding: gzip' "$(url "$1" gzip-2m)" >/dev/null &
    sleep 1
    busy=$(percentiles "$small")
    wait $!
    printf '%s %s %s\n' "$1" "$alone" "$busy" >>"$work/beside"
}

percentiles() { # URL
    taskset -c $LOAD_CORE wrk -t1 -c4 -d"${seconds}s" -s "$HERE/peers/report.lua" "$1" | sed -n 's/^REPORT //p' | cut -d' ' -f3,4
}

small_ones() {
    local system round
    for ((round = 0; round < rounds; round++)); do for system in $systems; do beside "$system"; done; done
    echo '### small answers beside long ones that are compressed'
    echo
    echo '| system | p50 us, alone | p99 us, alone | p50 us, beside | p99 us, beside |'
    echo '|---|---:|---:|---:|---:|'
    for system in $systems; do
        printf '| %s |' "$system"
        for column in 2 3 4 5; do
            awk -v who="$system" -v c=$column '$1 == who { print $c }' "$work/beside" | sort -n |
                awk '{ v[NR] = $1 } END { printf " %d |", v[int((NR + 1) / 2)] }'
        done
        echo
    done
}

versions() {
    echo "nginx $(nginx -v 2>&1 | sed 's:.*/::')"
    echo "Fairlead $(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo '(no commit)')" \
        "on Java $(tr '\0' '\n' <"$work/fairlead.java")"
    wrk -v 2>&1 | awk 'NR == 1 { print $1 " " $2 }' || true
}

main() {
    local system
    options "$@"
    need
    ulimit -n "$(ulimit -Hn)"
    trap stop_all EXIT
    trap 'exit 130' INT TERM
    work=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-compress.XXXXXX")
    mkdir "$work/www"
    free_port backend1
    free_port fairlead-admin
    for system in $systems; do free_port "$system-gzip"; done
    start_backends
    for system in $systems; do
        "start_$system"
        await "$system" "${port[$system-gzip]}"
    done
    note_java
    for_scenarios run_scenario
    { report; echo; small_ones; echo; sizes; } | tee "$work/report.md"
    if [[ $record == yes ]]; then keep <"$work/report.md"; fi
}

main "$@"
