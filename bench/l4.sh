#!/usr/bin/env bash
# Layer 4 beside HAProxy (tcp) and nginx (stream): what peers.sh cannot measure with wrk alone.
#
#   bulk         iperf3 through each: Gbit/s, and the CPU that a gigabyte costs the balancer
#   connections  a new connection for each request: connections/s, and the CPU that one costs
#   calls        the same, under strace: the system calls of one connection
#   memory       connections held idle: what each costs in the process (PSS) and in the kernel (slab)
#   crossover    copy and splice(2) by message size (JMH): where Fairlead's relay should change
#
# Every system has one worker, pinned to core 0; load and backends are on core 1. Rounds rotate, so that a noisy minute
# hits all of them; medians are shown.
set -euo pipefail

readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly ROOT=$(dirname "$HERE")
readonly BALANCER_CORE=0 LOAD_CORE=1

rounds=5 seconds=5 connections=8000 warm=10 systems='haproxy nginx fairlead'
declare -A port=() pid=()
declare -i next_port=18000
work='' what=''

usage() {
    cat <<'END'
usage: bench/l4.sh bulk|connections|calls|memory|crossover
                   [--rounds N] [--seconds N] [--connections N] [--warm SECONDS] [--systems "haproxy nginx fairlead"]
  --rounds       measured rounds of each system (5); memory is measured once
  --seconds      length of one measurement (5)
  --connections  idle connections of `memory` (8000)
  --warm         load on Fairlead first, for the JVM's compiler (10)
END
}

fail() { echo "l4.sh: $*" >&2; exit 1; }

options() {
    case ${1:-} in
        bulk | connections | calls | memory | crossover) what=$1; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    while (($#)); do
        case $1 in
            --rounds | --seconds | --connections | --warm)
                [[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 wants a number"
                printf -v "${1#--}" %s "$2"; shift 2 ;;
            --systems) systems=${2:?--systems wants names}; shift 2 ;;
            *) usage >&2; exit 2 ;;
        esac
    done
}

need() {
    local tool
    for tool in nginx haproxy wrk iperf3 python3 taskset strace; do
        command -v "$tool" >/dev/null ||
            fail "$tool is missing (apt-get install nginx libnginx-mod-stream haproxy wrk iperf3 python3 util-linux strace)"
    done
}

free_port() {
    while (exec 3<>"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do next_port+=1; done
    port[$1]=$next_port
    next_port+=1
}

launch() { # NAME CORE COMMAND...
    local name=$1 core=$2
    shift 2
    taskset -c "$core" "$@" >"$work/$name.out" 2>&1 &
    pid[$name]=$!
}

await() { # NAME PORT
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then return; fi
        kill -0 "${pid[$1]}" 2>/dev/null || { cat "$work/$1.out" >&2; fail "$1 ended before it listened"; }
        sleep 0.1
    done
    fail "$1 does not listen on $2"
}

stop_all() {
    local name
    for name in "${!pid[@]}"; do kill -TERM "${pid[$name]}" 2>/dev/null || true; done
    for name in "${!pid[@]}"; do
        timeout 5 tail --pid="${pid[$name]}" -f /dev/null 2>/dev/null || kill -KILL "${pid[$name]}" 2>/dev/null || true
    done
    [[ -z $work ]] || rm -rf "$work"
}

start_backend() {
    free_port backend
    case $what in
        bulk)
            launch backend $LOAD_CORE iperf3 -s -B 127.0.0.1 -p "${port[backend]}"
            await backend "${port[backend]}" ;;
        connections | calls)
            mkdir -p "$work/www"
            head -c 200 /dev/zero | tr '\0' x >"$work/www/small"
            cat >"$work/backend.conf" <<END
daemon off; user root; pid $work/backend.pid; worker_processes 1; worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http { access_log off; server { listen 127.0.0.1:${port[backend]} backlog=4096; root $work/www; } }
END
            launch backend $LOAD_CORE nginx -e "$work/backend.err" -c "$work/backend.conf"
            await backend "${port[backend]}" ;;
        memory)
            launch backend $LOAD_CORE python3 "$HERE/l4-hold.py" serve "127.0.0.1:${port[backend]}"
            await backend "${port[backend]}" ;;
    esac
}

start_haproxy() { # with splice it asks for descriptors for the pipes of all its connections
    cat >"$work/haproxy.cfg" <<END
global
    nbthread 1
    maxconn $([[ $what == bulk ]] && echo 1000 || echo 8500)
defaults
    mode tcp
    timeout connect 1s
    timeout client 600s
    timeout server 600s
$([[ $what != bulk ]] || echo '    option splice-auto')
listen l4
    bind 127.0.0.1:${port[haproxy]} backlog 4096
    server one 127.0.0.1:${port[backend]}
END
    launch haproxy $BALANCER_CORE haproxy -db -f "$work/haproxy.cfg"
}

start_nginx() {
    cat >"$work/nginx.conf" <<END
include /etc/nginx/modules-enabled/*-mod-stream.conf;
daemon off; user root; pid $work/nginx.pid; worker_processes 1; worker_rlimit_nofile 32768;
events { worker_connections 20000; }
stream { server { listen 127.0.0.1:${port[nginx]} backlog=4096; proxy_pass 127.0.0.1:${port[backend]}; proxy_timeout 600s; } }
END
    launch nginx $BALANCER_CORE nginx -e "$work/nginx.err" -c "$work/nginx.conf"
}

start_fairlead() {
    free_port admin
    cat >"$work/fairlead.yaml" <<END
listeners:
  l4: {protocol: tcp, address: "127.0.0.1:${port[fairlead]}", upstream: app}
upstreams:
  app: {endpoints: ["127.0.0.1:${port[backend]}"]}
admin: {address: "127.0.0.1:${port[admin]}"}
loops: 1
END
    "$ROOT/fairlead" --version >/dev/null # builds it, where that has not been done
    launch fairlead $BALANCER_CORE "$ROOT/fairlead" run "$work/fairlead.yaml"
}

family() { # PID: it and all below it
    local child
    echo "$1"
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do family "$child"; done
}

cpu_ticks() { # PID...
    local each sum=0 fields
    for each; do
        read -r -a fields <<<"$(sed 's/.*) //' "/proc/$each/stat")"
        sum=$((sum + fields[11] + fields[12]))
    done
    echo "$sum"
}

pss_kib() { # PID...
    local each sum=0
    for each; do sum=$((sum + $(awk '/^Pss:/ {print $2}' "/proc/$each/smaps_rollup"))); done
    echo "$sum"
}

load() { # SYSTEM SECONDS: units (GB, or connections), and microseconds
    case $what in
        bulk)
            taskset -c $LOAD_CORE iperf3 -c 127.0.0.1 -p "${port[$1]}" -t "$2" -J |
                python3 -c 'import json,sys; s=json.load(sys.stdin)["end"]["sum_received"]; print(s["bytes"]/1e9, s["seconds"]*1e6)' ;;
        connections | calls)
            taskset -c $LOAD_CORE wrk -t1 -c32 -d"${2}s" -H 'Connection: close' -s "$HERE/peers/report.lua" \
                "http://127.0.0.1:${port[$1]}/small" | sed -n 's/^REPORT //p' | cut -d' ' -f1,2 ;;
    esac
}

measure() { # SYSTEM
    local family before after units micros
    mapfile -t family < <(family "${pid[$1]}")
    before=$(cpu_ticks "${family[@]}")
    read -r units micros < <(load "$1" "$seconds") || fail "no result for $1"
    after=$(cpu_ticks "${family[@]}")
    awk -v who="$1" -v n="$units" -v t="$micros" -v ticks=$((after - before)) -v tick="$((1000000 / $(getconf CLK_TCK)))" \
        'BEGIN { printf "%s\t%.6g\t%.6g\n", who, n * 1e6 / t, n ? ticks * tick / n : 0 }' | tee -a "$work/results.tsv" >&2
}

compare() {
    local list round i system
    read -r -a list <<<"$systems"
    for system in "${list[@]}"; do
        load "$system" "$([[ $system == fairlead ]] && echo "$warm" || echo 1)" >/dev/null
    done
    for ((round = 0; round < rounds; round++)); do
        for ((i = 0; i < ${#list[@]}; i++)); do measure "${list[(i + round) % ${#list[@]}]}"; done
    done
    python3 - "$what" "$work/results.tsv" <<'END'
import statistics, sys
rows = {}
for line in open(sys.argv[2]):
    who, rate, cpu = line.split('\t')
    rows.setdefault(who, []).append((float(rate), float(cpu)))
bulk = sys.argv[1] == 'bulk'
print('| system | %s | CPU %s |\n|---|---:|---:|' % (('Gbit/s', 'ms/GB') if bulk else ('connections/s', 'us/connection')))
for who, seen in rows.items():
    rate, cpu = (statistics.median(each) for each in zip(*seen))
    print('| %s | %.1f | **%.1f** |' % ((who, rate * 8, cpu / 1000) if bulk else (who, rate, cpu)))
END
}

calls() {
    local system family units tracer
    for system in $systems; do
        load "$system" "$([[ $system == fairlead ]] && echo "$warm" || echo 1)" >/dev/null
        mapfile -t family < <(family "${pid[$system]}")
        strace -f -c -U name,calls,errors -o "$work/$system.calls" "${family[@]/#/-p}" 2>/dev/null &
        tracer=$!
        sleep 2
        read -r units _ < <(load "$system" "$seconds") || fail "no result for $system"
        kill -INT "$tracer"
        wait "$tracer" || true
        echo "$system $units" >>"$work/units"
    done
    python3 - "$work" <<'END'
import collections, sys
units = dict(line.split() for line in open(sys.argv[1] + '/units'))
table = collections.defaultdict(dict)
for system in units:
    for line in open(f'{sys.argv[1]}/{system}.calls'):
        words = line.split()
        if len(words) > 1 and words[1].isdigit() and words[0] != 'total':
            table[words[0]][system] = int(words[1]) / int(units[system])
            table['all'][system] = table['all'].get(system, 0) + table[words[0]][system]
print('| call, for a connection | ' + ' | '.join(units) + ' |\n|---|' + '---:|' * len(units))
for call, counts in sorted(table.items(), key=lambda row: -max(row[1].values())):
    if max(counts.values()) >= 0.05:
        print(f'| {call} | ' + ' | '.join('%.2f' % counts.get(each, 0) for each in units) + ' |')
END
}

memory() {
    local system family pss0 pss1
    echo "| system | process bytes/connection | kernel bytes/connection (both ends and the balancer's) |"
    echo '|---|---:|---:|'
    hold direct "${port[backend]}" 0 0
    for system in $systems; do
        mapfile -t family < <(family "${pid[$system]}")
        # A few before: code that is loaded for the first one is not the price of a connection.
        taskset -c $LOAD_CORE python3 "$HERE/l4-hold.py" hold "127.0.0.1:${port[$system]}" 200 </dev/null >/dev/null
        sleep 2
        hold "$system" "${port[$system]}" "${family[@]}"
    done
}

hold() { # NAME PORT PID...
    local name=$1 port=$2 pss0=0 pss1=0 slab0 slab1
    shift 2
    [[ $name == direct ]] || pss0=$(pss_kib "$@")
    slab0=$(awk '/^Slab:/ {print $2}' /proc/meminfo)
    coproc HOLD { exec taskset -c $LOAD_CORE python3 "$HERE/l4-hold.py" hold "127.0.0.1:$port" "$connections"; }
    read -r _ <&"${HOLD[0]}"
    sleep 2
    [[ $name == direct ]] || pss1=$(pss_kib "$@")
    slab1=$(awk '/^Slab:/ {print $2}' /proc/meminfo)
    printf '| %s | %d | %d |\n' "$name" $(((pss1 - pss0) * 1024 / connections)) $(((slab1 - slab0) * 1024 / connections))
    eval "exec ${HOLD[1]}>&-"
    wait "$HOLD_PID" 2>/dev/null || true
    sleep 2
}

crossover() {
    (cd "$ROOT" && ./mvnw -q -pl bench -am -DskipTests -Dspotless.check.skip=true test-compile dependency:build-classpath \
        -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=runtime >/dev/null)
    "${JAVA_HOME:?JAVA_HOME wants a JDK 25}/bin/java" --enable-native-access=ALL-UNNAMED \
        -cp "$ROOT/bench/target/classes:$ROOT/sys/target/classes:$(<"$work/classpath")" dev.fairlead.bench.Bench CrossoverBenchmark
}

main() {
    options "$@"
    need
    ulimit -n "$(ulimit -Hn)"
    trap stop_all EXIT
    trap 'exit 130' INT TERM
    work=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-l4.XXXXXX")
    if [[ $what == crossover ]]; then crossover; return; fi
    start_backend
    local system
    for system in $systems; do
        free_port "$system"
        "start_$system"
        await "$system" "${port[$system]}"
    done
    case $what in
        memory) memory ;;
        calls) calls ;;
        *) compare ;;
    esac
}

main "$@"
