#!/usr/bin/env bash
# Layer 4 in the kernel beside direct routing, HAProxy (tcp), nginx (stream) and Fairlead's own sockets, in one run.
#
# A client, the balancer and three servers, each in a network namespace, joined by veth; all on the cores of one
# machine, so trust the ratios. For each system, per round: small requests over 16 kept connections, the median of one
# connection, a new connection for each request, and bulk. Rounds rotate over the systems; medians are shown. Needs root.
# `--acceleration xdp`: with Fairlead's part in the driver; senders then finish checksums themselves, for all systems.
# `--program` alone: nanoseconds per packet in the program itself, and what its tables and a start cost.
set -euo pipefail

readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly ROOT=$(dirname "$HERE") NET=10.72 VIP=10.72.0.1
declare -A port=([direct]=80 [haproxy]=8001 [nginx]=8002 [socket]=8003 [ebpf]=8004 [nft]=8005)

program='' acceleration=none rounds=3 seconds=3 systems='direct haproxy nginx socket ebpf nft'

fail() { echo "l4-kernel.sh: $*" >&2; exit 1; }

while (($#)); do
    case $1 in
        --rounds | --seconds)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 wants a number"
            printf -v "${1#--}" %s "$2"; shift 2 ;;
        --systems) systems=${2:?--systems wants names}; shift 2 ;;
        --program) program=1; shift ;;
        --acceleration) acceleration=${2:?--acceleration wants xdp or xdp-generic}; shift 2 ;;
        *) echo 'usage: bench/l4-kernel.sh [--rounds N] [--seconds N] [--systems "direct haproxy nginx socket ebpf nft"] [--acceleration xdp] | --program'
           [[ $1 == --help || $1 == -h ]] && exit 0; exit 2 ;;
    esac
done
[[ $(id -u) == 0 ]] || fail 'only root can make networks'
if [[ -n $program ]]; then
    cd "$ROOT"
    exec ./mvnw -q -pl kernel -am -Dspotless.check.skip=true -Dsurefire.failIfNoSpecifiedTests=false -Dtest=KernelCostTest test
fi
for tool in ip nginx haproxy wrk iperf3; do
    command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install iproute2 nginx libnginx-mod-stream haproxy wrk iperf3)"
done

servers() {
    local each
    for each in 1 2 3; do
        cat >"$work/server$each.conf" <<END
daemon off; worker_processes 1; pid $work/server$each.pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; server { listen 80 backlog=4096; location / { return 200 "server $each\n"; } } }
END
        start "$each" nginx -c "$work/server$each.conf"
        start "$each" iperf3 -s
    done
}

balancers() {
    local module=/usr/lib/nginx/modules/ngx_stream_module.so
    local upstreams='upstreams:
  web: {endpoints: [10.72.1.2:80, 10.72.2.2:80, 10.72.3.2:80]}
  bulk: {endpoints: [10.72.1.2:5201]}'
    # Bulk has a second port, 1000 above, in front of iperf3.
    {
        [[ ! -f $module ]] || echo "load_module $module;"
        echo "daemon off; worker_processes 1; pid $work/nginx.pid; error_log stderr crit; events { worker_connections 4096; } stream {"
        echo "upstream web { server 10.72.1.2:80; server 10.72.2.2:80; server 10.72.3.2:80; } server { listen ${port[nginx]} backlog=4096; proxy_pass web; }"
        echo "upstream bulk { server 10.72.1.2:5201; } server { listen $((port[nginx] + 1000)); proxy_pass bulk; } }"
    } >"$work/nginx.conf"
    cat >"$work/haproxy.cfg" <<END
global
    nbthread 1
defaults
    mode tcp
    option splice-auto
    timeout connect 1s
    timeout client 60s
    timeout server 60s
listen web
    bind :${port[haproxy]} backlog 4096
    server a 10.72.1.2:80
    server b 10.72.2.2:80
    server c 10.72.3.2:80
listen bulk
    bind :$((port[haproxy] + 1000))
    server a 10.72.1.2:5201
END
    cat >"$work/fairlead.yaml" <<END
loops: 1
listeners:
  socket: {protocol: tcp, address: "$VIP:${port[socket]}", upstream: web}
  socket-bulk: {protocol: tcp, address: "$VIP:$((port[socket] + 1000))", upstream: bulk}
  ebpf: {protocol: tcp, address: "$VIP:${port[ebpf]}", upstream: web, carrier: ebpf}
  ebpf-bulk: {protocol: tcp, address: "$VIP:$((port[ebpf] + 1000))", upstream: bulk, carrier: ebpf}
$upstreams
kernel: {acceleration: $acceleration}
END
    cat >"$work/nft.yaml" <<END
loops: 1
admin: {address: "127.0.0.1:9903"}
listeners:
  nft: {protocol: tcp, address: "$VIP:${port[nft]}", upstream: web, carrier: nft}
  nft-bulk: {protocol: tcp, address: "$VIP:$((port[nft] + 1000))", upstream: bulk, carrier: nft}
$upstreams
END
    start balancer nginx -c "$work/nginx.conf"
    start balancer haproxy -f "$work/haproxy.cfg"
    start balancer "$ROOT/fairlead" run "$work/fairlead.yaml"
    await "${port[ebpf]}"
}

await() { # PORT of what was started last
    local left
    for left in {240..1}; do
        ! inside client timeout 1 bash -c "exec 3<>/dev/tcp/$VIP/$1" 2>/dev/null || return 0
        sleep 0.5
    done
    fail "Fairlead does not answer: $(cat "$work/log-$((${#pids[@]} - 1))")"
}

# Conntrack sees every packet of the host as soon as a table needs it: it is there only while nft is measured.
measure_nft() {
    start balancer "$ROOT/fairlead" run "$work/nft.yaml"
    local last=$((${#pids[@]} - 1))
    await "${port[nft]}"
    measure nft
    kill "${pids[last]}"
    wait "${pids[last]}" || true
}

at() { # SYSTEM: where the client finds it
    if [[ $1 == direct ]]; then echo 10.72.1.2:80; else echo "$VIP:${port[$1]}"; fi
}

wrk_rate() { awk '/^Requests\/sec/ { print $2 }'; }

micros() { # the 50% line of wrk --latency, in microseconds
    awk '$1 == "50%" { n = $2 + 0; if ($2 ~ /ms$/) n *= 1000; else if ($2 ~ /[0-9]s$/ && $2 !~ /us$/) n *= 1000000; print n }'
}

# A server keeps the last number and time of a connection that it has ended for a minute, and makes the next one from the
# same port wait a second when they do not go on. Two systems that keep the client's port would be in each other's way.
own_ports() { # SYSTEM
    local first=$((port[$1] == 80 ? 10000 : 10000 + (port[$1] - 8000) * 9000))
    inside client sysctl -qw net.ipv4.ip_local_port_range="$first $((first + 8999))"
}

measure() { # SYSTEM -> small p50 new bulk
    own_ports "$1"
    local to host bulk
    to=$(at "$1")
    host=${to%:*} bulk=$((${to#*:} + 1000))
    [[ $1 != direct ]] || bulk=5201
    local small one fresh gigabits
    small=$(inside client wrk -t1 -c16 -d"${seconds}s" "http://$to/" | wrk_rate)
    one=$(inside client wrk -t1 -c1 --latency -d"${seconds}s" "http://$to/" | micros)
    fresh=$(inside client wrk -t1 -c16 -d"${seconds}s" -H 'Connection: close' "http://$to/" | wrk_rate)
    gigabits=$(inside client iperf3 -c "$host" -p "$bulk" -t "$seconds" -f g | awk '/receiver/ { for (i = 1; i < NF; i++) if ($(i + 1) == "Gbits/sec") print $i }')
    echo "$1 $small $one $fresh $gigabits"
}

report() {
    printf '%-10s %16s %18s %18s %12s\n' system 'small req/s' 'p50 us, alone' 'connections/s' 'bulk Gbit/s'
    local system column
    for system in $shown; do
        printf '%-10s' "$system"
        for column in 2 3 4 5; do
            awk -v s="$system" -v c="$column" '$1 == s { print $c }' "$work/results" | sort -n |
                awk -v w=$((column == 2 ? 16 : column == 5 ? 12 : 18)) '{ v[NR] = $1 } END { printf " %*s", w, NR ? v[int((NR + 1) / 2)] : "-" }'
        done
        echo
    done
}

shown=$systems
source "$HERE/lab.sh"
trap clean EXIT
networks client 1 2 3
if [[ $acceleration != none ]]; then
    for each in client 1 2 3; do
        inside "$each" ethtool -K eth0 tx off gro on
        inside balancer ethtool -K "to$each" tx off
    done
fi
servers
balancers
for ((round = 0; round < rounds; round++)); do
    for system in $systems; do
        if [[ $system == nft ]]; then measure_nft; else measure "$system"; fi >>"$work/results"
    done
    # Another order each time.
    # shellcheck disable=SC2086 # a list of words
    set -- $systems; systems="${*:2} $1"
done
report
