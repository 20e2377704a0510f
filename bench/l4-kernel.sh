#!/usr/bin/env bash
# Layer 4 in the kernel beside direct routing, HAProxy (tcp), nginx (stream) and Fairlead's own sockets, in one run.
#
# A client, the balancer and three servers, each in a network namespace, joined by veth; all on the cores of one
# machine, so trust the ratios. For each system, per round: small requests over 16 kept connections, with what all of the
# machine's processors had to do for each beyond direct routing; one connection, with everything on one processor, for
# else the wake-up of another one is what is measured; a new connection for each request; and bulk, likewise with the
# processors' work for it beyond direct routing, for what one machine moves that is client, balancer and server at once is
# bounded by all three. All of this goes to the first server, as direct routing does: three of them would take the
# processors from each other. Rounds rotate over the systems; medians are shown. At the end 10,000 connections to all
# three are held (fewer where there are not 22,000 descriptors): memory of the system's processes, and of the kernel
# beyond what both ends take. Needs root.
# `--acceleration xdp`: with Fairlead's part in the driver; senders then finish checksums themselves, for all systems.
# `--program` alone: nanoseconds per packet in the program itself, and what its tables and a start cost.
set -euo pipefail

readonly HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly ROOT=$(dirname "$HERE") NET=10.72 VIP=10.72.0.1
readonly HELD=$(($(ulimit -Hn) < 22000 ? ($(ulimit -Hn) - 2000) / 2 : 10000))
declare -A process=()
declare -A port=([direct]=80 [haproxy]=8001 [nginx]=8002 [socket]=8003 [ebpf]=8004 [nft]=8005 [ebpf-host]=8006 [haproxy-copy]=8007)

program='' acceleration=none rounds=3 seconds=3 systems='direct haproxy haproxy-copy nginx socket ebpf ebpf-host nft'

fail() { echo "l4-kernel.sh: $*" >&2; exit 1; }

while (($#)); do
    case $1 in
        --rounds | --seconds)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 wants a number"
            printf -v "${1#--}" %s "$2"; shift 2 ;;
        --systems) systems=${2:?--systems wants names}; shift 2 ;;
        --program) program=1; shift ;;
        --acceleration) acceleration=${2:?--acceleration wants xdp or xdp-generic}; shift 2 ;;
        *) echo 'usage: bench/l4-kernel.sh [--rounds N] [--seconds N] [--systems "direct haproxy haproxy-copy nginx socket ebpf ebpf-host nft"] [--acceleration xdp] | --program'
           [[ $1 == --help || $1 == -h ]] && exit 0; exit 2 ;;
    esac
done
[[ $(id -u) == 0 ]] || fail 'only root can make networks'
if [[ -n $program ]]; then
    cd "$ROOT"
    exec ./mvnw -q -pl kernel -am -Dspotless.check.skip=true -Dsurefire.failIfNoSpecifiedTests=false -Dtest=KernelCostTest test
fi
ulimit -n "$(ulimit -Hn)" # a relay has two for each connection
for tool in ip nginx haproxy wrk iperf3 python3 taskset; do
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
        start "$each" python3 "$HERE/l4-hold.py" serve 0.0.0.0:7000
    done
}

# HAProxy copies unless it is told to splice: it is measured both ways.
haproxy_listens() { # SYSTEM OPTION
    cat <<END
listen $1
    $2
    bind :${port[$1]} backlog 4096
    server a 10.72.1.2:80
listen $1-bulk
    $2
    bind :$((port[$1] + 1000))
    server a 10.72.1.2:5201
listen $1-idle
    $2
    bind :$((port[$1] + 2000)) backlog 4096
    server a 10.72.1.2:7000
    server b 10.72.2.2:7000
    server c 10.72.3.2:7000
END
}

balancers() {
    local module=/usr/lib/nginx/modules/ngx_stream_module.so
    local upstreams='upstreams:
  web: {endpoints: [10.72.1.2:80]}
  bulk: {endpoints: [10.72.1.2:5201]}
  idle: {endpoints: [10.72.1.2:7000, 10.72.2.2:7000, 10.72.3.2:7000]}'
    # Bulk has a second port, 1000 above, in front of iperf3, and connections that are held a third.
    {
        [[ ! -f $module ]] || echo "load_module $module;"
        echo "daemon off; worker_processes 1; pid $work/nginx.pid; error_log stderr crit; worker_rlimit_nofile 65536; events { worker_connections 32768; } stream {"
        echo "upstream web { server 10.72.1.2:80; } server { listen ${port[nginx]} backlog=4096; proxy_pass web; }"
        echo "upstream bulk { server 10.72.1.2:5201; } server { listen $((port[nginx] + 1000)); proxy_pass bulk; }"
        echo "upstream idle { server 10.72.1.2:7000; server 10.72.2.2:7000; server 10.72.3.2:7000; } server { listen $((port[nginx] + 2000)) backlog=4096; proxy_pass idle; } }"
    } >"$work/nginx.conf"
    cat >"$work/haproxy.cfg" <<END
global
    nbthread 1
    maxconn $((HELD + 100))
    maxpipes 400
defaults
    mode tcp
    timeout connect 1s
    timeout client 60s
    timeout server 60s
END
    haproxy_listens haproxy 'option splice-auto' >>"$work/haproxy.cfg"
    haproxy_listens haproxy-copy 'no option splice-auto' >>"$work/haproxy.cfg"
    cat >"$work/fairlead.yaml" <<END
loops: 1
listeners:
  socket: {protocol: tcp, address: "$VIP:${port[socket]}", upstream: web}
  socket-bulk: {protocol: tcp, address: "$VIP:$((port[socket] + 1000))", upstream: bulk}
  socket-idle: {protocol: tcp, address: "$VIP:$((port[socket] + 2000))", upstream: idle}
  ebpf: {protocol: tcp, address: "$VIP:${port[ebpf]}", upstream: web, carrier: ebpf}
  ebpf-bulk: {protocol: tcp, address: "$VIP:$((port[ebpf] + 1000))", upstream: bulk, carrier: ebpf}
  ebpf-idle: {protocol: tcp, address: "$VIP:$((port[ebpf] + 2000))", upstream: idle, carrier: ebpf}
$upstreams
kernel: {acceleration: $acceleration}
END
    cat >"$work/nft.yaml" <<END
loops: 1
admin: {address: "127.0.0.1:9903"}
listeners:
  nft: {protocol: tcp, address: "$VIP:${port[nft]}", upstream: web, carrier: nft}
  nft-bulk: {protocol: tcp, address: "$VIP:$((port[nft] + 1000))", upstream: bulk, carrier: nft}
  nft-idle: {protocol: tcp, address: "$VIP:$((port[nft] + 2000))", upstream: idle, carrier: nft}
$upstreams
END
    cat >"$work/ebpf-host.yaml" <<END
loops: 1
admin: {address: "127.0.0.1:9904"}
listeners:
  host: {protocol: tcp, address: "$VIP:${port[ebpf-host]}", upstream: web, carrier: ebpf}
  host-bulk: {protocol: tcp, address: "$VIP:$((port[ebpf-host] + 1000))", upstream: bulk, carrier: ebpf}
  host-idle: {protocol: tcp, address: "$VIP:$((port[ebpf-host] + 2000))", upstream: idle, carrier: ebpf}
$upstreams
kernel: {routing: host, pins: /sys/fs/bpf/fairlead-bench-host}
END
    start balancer nginx -c "$work/nginx.conf"
    process[nginx]=${pids[-1]}
    start balancer haproxy -f "$work/haproxy.cfg"
    process[haproxy]=${pids[-1]} process[haproxy-copy]=${pids[-1]}
    start balancer "$ROOT/fairlead" run "$work/fairlead.yaml"
    process[socket]=${pids[-1]} process[ebpf]=${pids[-1]}
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

# Conntrack sees every packet of the host as soon as a table needs it, and where the host routes, a program sees every
# packet that leaves: they are there only while they are measured.
alone() { # SYSTEM COMMAND...
    start balancer "$ROOT/fairlead" run "$work/$1.yaml"
    local last=$((${#pids[@]} - 1))
    process[$1]=${pids[last]}
    await "${port[$1]}"
    "${@:2}"
    kill "${pids[last]}"
    wait "${pids[last]}" || true
}

of_system() { # SYSTEM COMMAND...: while it runs
    case $1 in
        nft | ebpf-host) alone "$@" ;;
        *) "${@:2}" ;;
    esac
}

at() { # SYSTEM: where the client finds it
    if [[ $1 == direct ]]; then echo 10.72.1.2:80; else echo "$VIP:${port[$1]}"; fi
}

# A server keeps the last number and time of a connection that it has ended for a minute, and makes the next one from the
# same port wait a second when they do not go on. So each system that keeps the client's port has its own.
own_ports() { # SYSTEM
    local range='10000 64999'
    case $1 in
        direct) range='10000 23999' ;;
        ebpf) range='24000 37999' ;;
        ebpf-host) range='38000 51999' ;;
        nft) range='52000 64999' ;;
    esac
    inside client sysctl -qw net.ipv4.ip_local_port_range="$range"
}

busy() { # ticks that all processors have worked
    awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

keep_on() { # CPUS: all of this lab's processes
    local each
    for each in $(ps -o pid= --ppid "$(IFS=,; echo "${pids[*]}")") "${pids[@]}"; do
        taskset -acp "$1" "$each" >/dev/null 2>&1 || true
    done
}

load() { # wrk's options -> requests micros p50 p99
    inside client wrk -t1 -d"${seconds}s" -s "$HERE/peers/report.lua" "$@" | awk '/^REPORT/ { print $2, $3, $4, $5 }'
}

measure() { # SYSTEM -> requests/s p99 processor-us p50 connections/s gigabits/s processor-ms-per-gigabit
    own_ports "$1"
    local to host bulk requests micros p50 p99 before used one fresh gigabits moving
    to=$(at "$1")
    host=${to%:*} bulk=$((${to#*:} + 1000))
    [[ $1 != direct ]] || bulk=5201
    before=$(busy)
    read -r requests micros p50 p99 < <(load -c16 "http://$to/")
    used=$(($(busy) - before))
    keep_on 1
    one=$(taskset -c 1 ip netns exec "$LAB-client" wrk -t1 -c1 -d"${seconds}s" -s "$HERE/peers/report.lua" "http://$to/" |
        awk '/^REPORT/ { print $4 }')
    keep_on "0-$(($(nproc) - 1))"
    fresh=$(load -c16 -H 'Connection: close' "http://$to/" | awk '{ printf "%d", $1 * 1e6 / $2 }')
    before=$(busy)
    gigabits=$(inside client iperf3 -c "$host" -p "$bulk" -t "$seconds" -f g |
        awk '/receiver/ { for (i = 1; i < NF; i++) if ($(i + 1) == "Gbits/sec") print $i }')
    moving=$(($(busy) - before))
    awk -v n="$requests" -v us="$micros" -v used="$used" -v moving="$moving" -v moved="$gigabits" -v s="$seconds" -v tick="$((1000000 / $(getconf CLK_TCK)))" \
        -v rest="$p99 $one $fresh $gigabits" -v who="$1" \
        'BEGIN { split(rest, r, " "); printf "%s %d %d %.2f %d %d %s %.1f\n", who, n * 1e6 / us, r[1], used * tick / n, r[2], r[3], r[4], moving * tick / 1000 / moved / s }'
}

middle() { # SYSTEM COLUMN
    awk -v s="$1" -v c="$2" '$1 == s { print $c }' "$work/results" | sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "-" }'
}

pss_kib() { # SYSTEM: of all its processes
    [[ -n ${process[$1]:-} ]] || { echo 0; return; }
    local each sum=0
    for each in "${process[$1]}" $(ps -o pid= --ppid "${process[$1]}"); do
        sum=$((sum + $(awk '/^Pss:/ { print $2 }' "/proc/$each/smaps_rollup")))
    done
    echo "$sum"
}

slab_kib() { awk '/^Slab:/ { print $2 }' /proc/meminfo; }

# What an entry of the largest of a process' tables of flows takes, twice for each flow.
table_mib() { # PID
    cat "/proc/$1/fdinfo/"* 2>/dev/null | awk -v held="$HELD" '
        /^map_type:/ { type = $2 } /^max_entries:/ { room = $2 }
        /^memlock:/ { if ((type == 9 || type == 10) && room > most) { most = room; each = $2 / room } }
        END { printf "%.1f", each * 2 * held / 1048576 }'
}

hold() { # SYSTEM: prints its line of memory
    local to third before slab after more
    to=$(at "$1") third=7000
    [[ $1 == direct ]] || third=$((${to#*:} + 2000))
    inside client sysctl -qw net.ipv4.ip_local_port_range='10000 64999'
    before=$(pss_kib "$1") slab=$(slab_kib)
    coproc HOLD { exec ip netns exec "$LAB-client" python3 "$HERE/l4-hold.py" hold "${to%:*}:$third" "$HELD"; }
    read -r _ <&"${HOLD[0]}"
    sleep 2
    after=$(pss_kib "$1") more=$(($(slab_kib) - slab))
    eval "exec ${HOLD[1]}>&-"
    wait "$HOLD_PID" 2>/dev/null || true
    sleep 3
    [[ $1 != direct ]] || ends=$more
    [[ $1 != direct ]] || return 0
    awk -v who="$1" -v own=$((after - before)) -v slab=$((more - ends)) -v table="$([[ $1 != ebpf* ]] || table_mib "${process[$1]}")" \
        'BEGIN { printf "%-12s %18.1f %18.1f %s\n", who, own / 1024, slab / 1024, table ? "and " table " of the table, which is there from the start" : "" }'
}

memory() {
    echo
    printf '%-12s %18s %18s\n' "$HELD held" 'processes MiB' 'kernel MiB'
    local system ends=0
    hold direct
    for system in $shown; do
        [[ $system == direct ]] || of_system "$system" hold "$system"
    done
}

beyond_direct() { # SYSTEM COLUMN
    awk -v a="$(middle "$1" "$2")" -v b="$(middle direct "$2")" 'BEGIN { if (b == "-") print "-"; else printf "%.1f", a - b }'
}

report() {
    printf '%-12s %12s %9s %19s %17s %14s %12s %19s\n' system 'small req/s' 'p99 us' "balancer's us/req" 'p50 us, 1 core' 'connections/s' 'bulk Gbit/s' "balancer's ms/Gbit"
    local system
    for system in $shown; do
        printf '%-12s %12s %9s %19s %17s %14s %12s %19s\n' "$system" "$(middle "$system" 2)" "$(middle "$system" 3)" \
            "$(beyond_direct "$system" 4)" "$(middle "$system" 5)" "$(middle "$system" 6)" "$(middle "$system" 7)" \
            "$(beyond_direct "$system" 8)"
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
        of_system "$system" measure "$system" >>"$work/results"
    done
    # Another order each time.
    # shellcheck disable=SC2086 # a list of words
    set -- $systems; systems="${*:2} $1"
done
report
memory
