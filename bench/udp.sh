#!/usr/bin/env bash
# UDP through Fairlead and through nginx stream: the same two echo servers, the same clients, one run, interleaved.
# Each balancer has one worker on core 0; clients and servers are on core 1. What counts is the CPU of a datagram that
# is passed on, there and back (an answer is two of them), read from /proc of the whole process.
# With --train N each client sends trains of N datagrams, as QUIC does (UDP_SEGMENT), and each train has one answer.
set -euo pipefail

readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rounds=5 seconds=5 clients=64 bytes=200 warm=25 train=0
declare -A pid=() port=([backend1]=18001 [backend2]=18002 [nginx]=18003 [fairlead]=18004 [admin]=18005)
work=''

while (($#)); do
    case $1 in
        --rounds | --seconds | --clients | --bytes | --warm | --train)
            [[ ${2:-} =~ ^[0-9]+$ ]] || { echo "udp.sh: $1 wants a number" >&2; exit 2; }
            printf -v "${1#--}" %s "$2"; shift 2 ;;
        *) echo 'usage: bench/udp.sh [--rounds N] [--seconds N] [--clients N] [--bytes N] [--warm SECONDS] [--train N]' >&2; exit 2 ;;
    esac
done

for tool in nginx taskset javac; do
    command -v "$tool" >/dev/null || [[ $tool == javac && -x ${JAVA_HOME:-}/bin/javac ]] ||
        { echo "udp.sh: $tool is missing" >&2; exit 1; }
done
java=${JAVA_HOME:+$JAVA_HOME/bin/}java javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac

stop_all() {
    local each
    for each in "${pid[@]}"; do kill -TERM "$each" 2>/dev/null || true; done
    for each in "${pid[@]}"; do
        timeout 10 tail --pid="$each" -f /dev/null 2>/dev/null || kill -KILL "$each" 2>/dev/null || true
    done
    rm -rf "$work"
}

launch() { # NAME CORE COMMAND...
    local name=$1 core=$2
    shift 2
    taskset -c "$core" "$@" >"$work/$name.out" 2>&1 &
    pid[$name]=$!
}

family() { # PID: it and all below it
    local child
    echo "$1"
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do family "$child"; done
}

cpu_ticks() { # PID...: comm may hold blanks, so fields are counted after its bracket
    local each sum=0 fields
    for each; do
        read -r -a fields <<<"$(sed 's/.*) //' "/proc/$each/stat")"
        sum=$((sum + fields[11] + fields[12]))
    done
    echo "$sum"
}

load() { # SYSTEM SECONDS: answers microseconds lost
    if ((train)); then
        taskset -c 1 python3 "$HERE/udp-trains.py" load "${port[$1]}" "$clients" "$2" "$bytes" "$train" | sed -n 's/^REPORT //p'
        return
    fi
    taskset -c 1 "$java" -XX:+UseSerialGC -cp "$work/classes" dev.fairlead.bench.UdpLoad load "${port[$1]}" "$clients" "$2" "$bytes" |
        sed -n 's/^REPORT //p'
}

measure() { # SYSTEM: a line of answers/s, CPU microseconds of a datagram, lost
    local pids before after answers micros lost
    mapfile -t pids < <(family "${pid[$1]}")
    before=$(cpu_ticks "${pids[@]}")
    read -r answers micros lost < <(load "$1" "$seconds")
    after=$(cpu_ticks "${pids[@]}")
    awk -v who="$1" -v n="$answers" -v t="$micros" -v lost="$lost" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" \
        -v datagrams=$((train + 1 + (train == 0))) \
        'BEGIN { n = n ? n : 1; printf "%s\t%.0f\t%.2f\t%d\n", who, n * 1e6 / t, ticks * 1e6 / hz / n / datagrams, lost }' | tee -a "$work/results"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-udp.XXXXXX")
trap stop_all EXIT
trap 'exit 130' INT TERM
"$javac" -d "$work/classes" "$HERE/src/main/java/dev/fairlead/bench/UdpLoad.java"
for each in backend1 backend2; do
    if ((train)); then
        launch $each 1 python3 "$HERE/udp-trains.py" serve "${port[$each]}" "$train" "$bytes"
        continue
    fi
    launch $each 1 "$java" -XX:+UseSerialGC -cp "$work/classes" dev.fairlead.bench.UdpLoad echo "${port[$each]}"
done
config=$(<"$HERE/peers/nginx-udp.conf")
for each in "${!port[@]}"; do config=${config//@$each@/${port[$each]}}; done
echo "${config//@work@/$work}" >"$work/nginx.conf"
cat >"$work/fairlead.yaml" <<YAML
listeners:
  udp: {protocol: udp, address: "127.0.0.1:${port[fairlead]}", upstream: app}
upstreams:
  app: {endpoints: ["127.0.0.1:${port[backend1]}", "127.0.0.1:${port[backend2]}"]}
admin: {address: "127.0.0.1:${port[admin]}"}
loops: 1
YAML
launch nginx 0 nginx -e "$work/nginx.err" -c "$work/nginx.conf"
"$ROOT/fairlead" --version >/dev/null # builds it, where that has not been done
launch fairlead 0 "$ROOT/fairlead" run "$work/fairlead.yaml"
for ((tries = 0; tries < 600; tries++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/${port[admin]}") 2>/dev/null; then break; fi
    kill -0 "${pid[fairlead]}" || { cat "$work/fairlead.out" >&2; exit 1; }
    sleep 0.1
done
load nginx 2 >/dev/null
load fairlead "$warm" >/dev/null
echo "system  answers/s  CPU us/datagram  lost"
for ((round = 0; round < rounds; round++)); do
    if ((round % 2)); then measure fairlead; measure nginx; else measure nginx; measure fairlead; fi
done
echo
echo "medians of $rounds rounds of $seconds s, $clients clients, $bytes bytes$( ((!train)) || echo ", trains of $train")"
for system in nginx fairlead; do
    for column in 2 3; do
        awk -F'\t' -v who="$system" -v c="$column" '$1 == who { print $c }' "$work/results" | sort -n | awk '{ v[NR] = $1 } END { printf "%s ", v[int((NR + 1) / 2)] }'
    done
    echo "$system"
done
