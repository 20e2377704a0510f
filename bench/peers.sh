#!/usr/bin/env bash
# Fairlead beside HAProxy and nginx: the same backends, the same load, one run, interleaved.
#
# Each load balancer has one worker and is pinned to core 0; wrk and the nginx backends are pinned to core 1. Every
# round measures every system, in an order that rotates, so that a noisy minute hits all of them. What counts is the
# CPU that a request costs: it is read from /proc of the whole process (every thread: compiler and collector too),
# and does not depend on how fast the shared load generator happens to be.
set -euo pipefail

readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly ROOT=$(dirname "$HERE")
SCENARIOS=(l7-small l7-64k l4-small l4-64k tls-small tls-64k tls-1m tls-new tls-resumed h2-small h2-64k)
readonly BALANCER_CORE=0 LOAD_CORE=1

rounds=5 seconds=5 connections=64 warm=25 only='' systems='haproxy nginx fairlead' record=no
declare -A port=() pid=()
declare -i next_port=17000
work='' settings=peers
command_line="bench/peers.sh$( (($# == 0)) || printf ' %q' "$@")"

usage() {
    cat <<'END'
usage: bench/peers.sh [--rounds N] [--seconds N] [--connections N] [--warm SECONDS]
                      [--only SCENARIO] [--systems "haproxy nginx fairlead"] [--record]
  --rounds       measured rounds of each system and scenario; the median is shown   (5)
  --seconds      length of one measurement; CPU is counted in ticks of 10 ms        (5)
  --connections  keep-alive connections of wrk                                      (64)
  --warm         load on Fairlead before each scenario, for the JVM's compiler      (25)
  --only         one of l7-small l7-64k l4-small l4-64k tls-small tls-64k tls-1m tls-new
                 tls-resumed h2-small h2-64k; tls-new makes a connection and a whole handshake
                 (TLS 1.3, ECDSA P-256) for every request, tls-resumed one with a ticket; h2 has 100
                 streams on each of 4 connections of HTTP/2 over TLS
  --systems      which of the three
  --record       adds the result to bench/RESULTS.md
END
}

fail() { echo "peers.sh: $*" >&2; exit 1; }

options() {
    while (($#)); do
        case $1 in
            --rounds | --seconds | --connections | --warm)
                [[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 wants a number"
                printf -v "${1#--}" %s "$2"; shift 2 ;;
            --only)
                [[ " ${SCENARIOS[*]} " == *" ${2:-} "* ]] || fail "--only wants one of: ${SCENARIOS[*]}"
                only=$2; shift 2 ;;
            --systems)
                for system in ${2:?--systems wants names}; do
                    [[ $system =~ ^(haproxy|nginx|fairlead)$ ]] || fail "no system '$system'"
                done
                systems=$2; shift 2 ;;
            --record) record=yes; shift ;;
            -h | --help) usage; exit 0 ;;
            *) usage >&2; exit 2 ;;
        esac
    done
}

need() {
    local tool
    for tool in nginx wrk h2load curl openssl taskset "$@"; do
        command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install nginx libnginx-mod-stream haproxy wrk nghttp2-client curl util-linux)"
    done
    (($(nproc) >= 2)) || fail 'two cores are needed: one for the balancer, one for load and backends'
}

# --- starting and stopping ---------------------------------------------------------------------------------------

free_port() { # NAME: gives port[NAME] a port that nobody listens on, below the ephemeral range
    while (exec 3<>"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do next_port+=1; done
    port[$1]=$next_port
    next_port+=1
}

render() { # TEMPLATE of the settings: its @NAME@ replaced by ports and paths
    local text name
    text=$(<"$HERE/$settings/$1")
    for name in "${!port[@]}"; do text=${text//@$name@/${port[$name]}}; done
    printf '%s\n' "${text//@work@/$work}"
}

launch() { # NAME CORE COMMAND...: in the background, pinned, output kept
    local name=$1 core=$2
    shift 2
    taskset -c "$core" "$@" >"$work/$name.out" 2>&1 &
    pid[$name]=$!
}

await() { # NAME PORT: until it accepts
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then return; fi
        kill -0 "${pid[$1]}" 2>/dev/null || { cat "$work/$1.out" >&2; fail "$1 ended before it listened"; }
        sleep 0.1
    done
    fail "$1 does not listen on $2 after a minute"
}

start_backends() {
    head -c 200 /dev/zero | tr '\0' x >"$work/www/small"
    head -c 65536 /dev/urandom >"$work/www/64k"
    head -c 1048576 /dev/urandom >"$work/www/1m"
    render backend.conf >"$work/backend.conf"
    launch backend $LOAD_CORE nginx -e "$work/backend.err" -c "$work/backend.conf"
    await backend "${port[backend1]}"
    await backend "${port[backend2]}"
}

start_haproxy() {
    render haproxy.cfg >"$work/haproxy.cfg"
    launch haproxy $BALANCER_CORE haproxy -db -f "$work/haproxy.cfg"
}

start_nginx() {
    render nginx.conf >"$work/nginx.conf"
    launch nginx $BALANCER_CORE nginx -e "$work/nginx.err" -c "$work/nginx.conf"
}

start_fairlead() {
    [[ -x $ROOT/fairlead ]] || fail 'there is no ./fairlead to run'
    render fairlead.yaml >"$work/fairlead.yaml"
    "$ROOT/fairlead" --version >/dev/null # builds it, where that has not been done
    launch fairlead $BALANCER_CORE "$ROOT/fairlead" run "$work/fairlead.yaml"
}

stop_all() {
    local name
    for name in "${!pid[@]}"; do kill -TERM "${pid[$name]}" 2>/dev/null || true; done
    for name in "${!pid[@]}"; do
        timeout 15 tail --pid="${pid[$name]}" -f /dev/null 2>/dev/null || kill -KILL "${pid[$name]}" 2>/dev/null || true
    done
    [[ -z $work ]] || rm -rf "$work"
}

# --- measuring ---------------------------------------------------------------------------------------------------

family() { # PID: it and all below it
    local child
    echo "$1"
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do family "$child"; done
}

cpu_ticks() { # PID...: "user system"; comm may hold blanks, so fields are counted after its bracket
    local each user=0 system=0 fields
    for each; do
        read -r -a fields <<<"$(sed 's/.*) //' "/proc/$each/stat")"
        user=$((user + fields[11])) system=$((system + fields[12]))
    done
    echo "$user $system"
}

resident_kib() { # PID...
    local each sum=0
    for each; do sum=$((sum + $(awk '/^VmRSS/ {print $2}' "/proc/$each/status"))); done
    echo "$sum"
}

body() { # SCENARIO: what is asked for
    local name=${1#*-}
    case $name in new | resumed) echo small ;; *) echo "$name" ;; esac
}

url() { # SYSTEM SCENARIO
    local scheme=http entrance=${2%-*}
    [[ $entrance != h2 ]] || entrance=tls
    [[ $entrance != tls ]] || scheme=https
    echo "$scheme://127.0.0.1:${port[$1-$entrance]}/$(body "$2")"
}

# One line: requests, microseconds, p50, p99, p99.9, errors. See peers/report.lua.
load() { # SECONDS SYSTEM SCENARIO
    case $3 in
        tls-new) handshakes "$1" "$2" -new ;;
        tls-resumed) handshakes "$1" "$2" -reuse ;;
        h2-*) streams "$1" "$(url "$2" "$3")" ;;
        *) taskset -c $LOAD_CORE wrk -t1 -c"$connections" -d"${1}s" --timeout 5s -s "$HERE/peers/report.lua" \
            "$(url "$2" "$3")" | sed -n 's/^REPORT //p' ;;
    esac
}

# wrk does not say whether it resumes a session (it does), so openssl makes these, four at once. It tells no latencies.
handshakes() { # SECONDS SYSTEM -new|-reuse
    local i clients=()
    for i in 1 2 3 4; do
        taskset -c $LOAD_CORE openssl s_time -connect "127.0.0.1:${port[$2-tls]}" "$3" -tls1_3 -www /small -time "$1" \
            >"$work/handshakes.$i" 2>&1 &
        clients+=($!)
    done
    wait "${clients[@]}"
    sed -n 's/^\([0-9]*\) connections in [0-9]* real seconds.*/\1/p' "$work"/handshakes.? |
        awk -v micros="${1}000000" '{ sum += $1 } END { print sum, micros, 0, 0, 0, NR < 4 ? 1 : 0 }'
}

# h2load counts what was answered in the time; of latencies it tells no percentiles.
streams() { # SECONDS URL
    taskset -c $LOAD_CORE h2load -t1 -c4 -m100 -D"$1" "$2" |
        awk -v micros="${1}000000" '
            /^Application protocol:/ { protocol = $3 }
            /^requests:/ { answered = $8; failed = $10 + $12 + $14 }
            /^status codes:/ { failed += $7 + $9 }
            END { print answered, micros, 0, 0, 0, protocol == "h2" ? failed : 1 }'
}

check() { # SYSTEM SCENARIO: what it passes on is what the backend has
    curl -sSfk --max-time 5 "$(url "$1" "$2")" | cmp -s - "$work/www/$(body "$2")" || fail "$1 alters the body in $2"
}

# Adds a line to results.tsv: scenario system requests/s user-us system-us p50 p99 p99.9 resident-KiB errors
measure() { # SYSTEM SCENARIO
    local family user0 system0 user1 system1 requests micros p50 p99 p999 errors
    mapfile -t family < <(family "${pid[$1]}")
    read -r user0 system0 < <(cpu_ticks "${family[@]}")
    read -r requests micros p50 p99 p999 errors < <(load "$seconds" "$1" "$2") || fail "no report from wrk ($1, $2)"
    read -r user1 system1 < <(cpu_ticks "${family[@]}")
    awk -v scenario="$2" -v who="$1" -v n="$requests" -v t="$micros" -v tick="$((1000000 / $(getconf CLK_TCK)))" \
        -v u=$((user1 - user0)) -v s=$((system1 - system0)) -v p50="$p50" -v p99="$p99" -v p999="$p999" \
        -v rss="$(resident_kib "${family[@]}")" -v errors="$errors" 'BEGIN {
            if (n == 0) { n = 1; errors++ }
            printf "%s\t%s\t%.0f\t%.2f\t%.2f\t%s\t%s\t%s\t%s\t%s\n",
                scenario, who, n * 1e6 / t, u * tick / n, s * tick / n, p50, p99, p999, rss, errors }' |
        tee -a "$work/results.tsv" | progress
}

progress() {
    awk -F'\t' '{ printf "  %-9s %-9s %7d req/s  %6.2f us CPU  p99 %6d us%s\n",
        $1, $2, $3, $4 + $5, $7, $10 ? "  ERRORS " $10 : "" }' >&2
}

run_scenario() { # SCENARIO
    local list round i system
    read -r -a list <<<"$systems"
    for system in "${list[@]}"; do
        check "$system" "$1"
        if [[ $system == fairlead ]]; then load "$warm" "$system" "$1"; else load 2 "$system" "$1"; fi >/dev/null
    done
    for ((round = 0; round < rounds; round++)); do
        for ((i = 0; i < ${#list[@]}; i++)); do measure "${list[(i + round) % ${#list[@]}]}" "$1"; done
    done
}

# --- telling -----------------------------------------------------------------------------------------------------

versions() {
    [[ $systems != *haproxy* ]] || haproxy -v | awk 'NR == 1 { print "HAProxy " $3 }'
    echo "nginx $(nginx -v 2>&1 | sed 's:.*/::')"
    [[ $systems != *fairlead* ]] || echo "Fairlead $(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo '(no commit)')" \
        "on Java $(tr '\0' '\n' <"$work/fairlead.java")"
    wrk -v 2>&1 | awk 'NR == 1 { print $1 " " $2 }' || true
}

# The Java that runs, from the process itself: the launcher may have found any.
note_java() {
    local each java
    for each in $(family "${pid[fairlead]}"); do
        java=$(readlink "/proc/$each/exe")
        [[ $java != */bin/java ]] || "$java" --version | awk 'NR == 2 { printf "%s", $NF }' | tr -d '()' >"$work/fairlead.java"
    done
}

report() {
    echo "## $(date -u +%Y-%m-%d)"
    echo
    echo "\`$command_line\`: median of $rounds rounds of $seconds s, $connections connections."
    echo
    echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, Linux $(uname -r)." \
        "Versions: $(versions | paste -sd, | sed 's/,/, /g')."
    echo
    awk -F'\t' -v systems="$systems" -v scenarios="$(for_scenarios echo | paste -sd' ')" -f "$HERE/peers/table.awk" "$work/results.tsv"
}

keep() { # the newest section stands first
    local file=$HERE/RESULTS.md
    {
        echo '# Fairlead beside its peers'
        echo
        echo 'Made by `bench/peers.sh --record`, newest first. CPU is what one request costs the balancer, in microseconds'
        echo 'of the whole process; resident memory is that of all its processes. Every system has one worker on one core.'
        echo
        cat
        [[ ! -f $file ]] || { echo; sed -n '/^## /,$p' "$file"; }
    } >"$work/RESULTS.md"
    cp "$work/RESULTS.md" "$file"
}

for_scenarios() { # COMMAND...: with each scenario of this run
    local scenario
    for scenario in "${SCENARIOS[@]}"; do
        if [[ -z $only || $only == "$scenario" ]]; then "$@" "$scenario"; fi
    done
}

main() {
    local system layer
    options "$@"
    need $( [[ $systems != *haproxy* ]] || echo haproxy )
    ulimit -n "$(ulimit -Hn)"
    trap stop_all EXIT
    trap 'exit 130' INT TERM
    work=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-peers.XXXXXX")
    mkdir "$work/www"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=bench \
        -addext subjectAltName=DNS:bench.example -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    cat "$work/cert.pem" "$work/key.pem" >"$work/both.pem"
    free_port backend1
    free_port backend2
    for system in haproxy nginx fairlead; do for layer in l7 l4 tls admin; do free_port "$system-$layer"; done; done
    start_backends
    for system in $systems; do
        "start_$system"
        await "$system" "${port[$system-l7]}"
        await "$system" "${port[$system-l4]}"
    done
    [[ $systems != *fairlead* ]] || note_java
    for_scenarios run_scenario
    report | tee "$work/report.md"
    if [[ $record == yes ]]; then keep <"$work/report.md"; fi
}

# bench/cache.sh measures with the functions of this script.
[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
