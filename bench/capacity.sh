#!/usr/bin/env bash
# How many clients are served at once: 5 servers of 200 connections each, a balancer of 200, and 1,000 clients.
#
# Layer 7 in HTTP/1.1, and Layer 4 on sockets, need a connection of their own to a server for each client that is being served: of
# 200 that is 100 clients. In HTTP/2 one connection to each server serves them all: that leaves 195 for clients. In the kernel client and server share one connection and the balancer has none, so the servers' sum counts.
# A client, the balancer and the servers in a network namespace each. Needs root.
set -euo pipefail

readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly NET=10.73 VIP=10.73.0.1 CLIENTS=1000
declare -A port=([l7-http2]=8004 [l7]=8001 [socket]=8002 [kernel]=8003)

fail() { echo "capacity.sh: $*" >&2; exit 1; }

[[ $(id -u) == 0 ]] || fail 'only root can make networks'
for tool in ip python3 ss; do
    command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install iproute2 python3)"
done

configure() {
    # One loop: each has connections of its own.
    cat >"$work/fairlead.yaml" <<END
loops: 1
listeners:
  l7: {protocol: http, address: "$VIP:${port[l7]}", upstream: app, max-connections: 100}
  l7-http2: {protocol: http, address: "$VIP:${port[l7-http2]}", upstream: shared, max-connections: 195}
  socket: {protocol: tcp, address: "$VIP:${port[socket]}", upstream: app, max-connections: 100}
  kernel: {protocol: tcp, address: "$VIP:${port[kernel]}", upstream: app, carrier: kernel}
upstreams:
  # Each has its turn: servers that are to be full at once leave nothing to chance.
  app: {endpoints: [10.73.1.2:80, 10.73.1.3:80, 10.73.1.4:80, 10.73.1.5:80, 10.73.1.6:80], balancer: round-robin}
  shared:
    http2: {streams: 1000}
    endpoints:
      - {address: 10.73.1.2:80, max-connections: 1}
      - {address: 10.73.1.3:80, max-connections: 1}
      - {address: 10.73.1.4:80, max-connections: 1}
      - {address: 10.73.1.5:80, max-connections: 1}
      - {address: 10.73.1.6:80, max-connections: 1}
END
}

await() { # COMMAND...: until it succeeds
    local left
    for left in {240..1}; do
        ! "$@" 2>/dev/null || return 0
        kill -0 "${pids[-1]}" 2>/dev/null || break
        sleep 0.5
    done
    fail "nothing answers: $(cat "$work"/log-*)"
}

sockets() { # connections that the balancer has; those that only wait in its accept queue belong to no process yet
    inside balancer ss -Htnp state established | grep -c users: || true
}

row() { # CARRIER
    local control=$work/$1.control held answered most=0 now
    start servers python3 "$HERE/capacity.py" serve "$control" 80 10.73.1.{2..6}
    await test -S "$control"
    inside client python3 "$HERE/capacity.py" ask "$control" "$VIP" "${port[$1]}" $CLIENTS >"$work/asked" &
    local asking=$!
    while kill -0 $asking 2>/dev/null; do
        now=$(sockets)
        ((now <= most)) || most=$now
        sleep 0.5
    done
    wait $asking || fail "the clients of $1 failed"
    read -r held answered <"$work/asked"
    printf '%-8s %22d %28d %24d\n' "$1" "$held" "$most" "$answered"
    kill "${pids[-1]}"
    wait "${pids[-1]}" 2>/dev/null || true
    unset 'pids[-1]'
}

source "$HERE/lab.sh"
trap clean EXIT
networks client servers
for last in {3..6}; do ip -n "$LAB-servers" addr add "10.73.1.$last/24" dev eth0; done
configure
"$HERE/../fairlead" --version >/dev/null # builds it, where that has not been done
start balancer "$HERE/../fairlead" run "$work/fairlead.yaml"
await inside balancer timeout 1 bash -c "exec 3<>/dev/tcp/$VIP/${port[l7]}"
printf '%-8s %22s %28s %24s\n' carrier 'clients served at once' 'connections of the balancer' 'answered when released'
for carrier in l7 l7-http2 socket kernel; do row "$carrier"; done
