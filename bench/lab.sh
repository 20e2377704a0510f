# Sourced: a balancer and others around it, each in a network namespace, joined by veth. Needs root.
# Whoever sources it sets NET, the first two numbers of the addresses, calls `networks`, and has `clean` run at its end.

readonly LAB=fb$$
work=$(mktemp -d) pids=() spaces=(balancer)

inside() { ip netns exec "$LAB-$1" "${@:2}"; } # NAMESPACE COMMAND...

start() { # NAMESPACE COMMAND...: in the background, output kept
    ip netns exec "$LAB-$1" "${@:2}" >"$work/log-${#pids[@]}" 2>&1 &
    pids+=($!)
}

link() { # NAMESPACE NUMBER: NET.NUMBER.2 behind NET.NUMBER.1
    spaces+=("$1")
    ip netns add "$LAB-$1"
    ip -n "$LAB-$1" link set lo up
    ip link add eth0 netns "$LAB-$1" type veth peer name "to$1" netns "$LAB-balancer"
    ip -n "$LAB-$1" addr add "$NET.$2.2/24" dev eth0
    ip -n "$LAB-balancer" addr add "$NET.$2.1/24" dev "to$1"
    ip -n "$LAB-$1" link set eth0 up
    ip -n "$LAB-balancer" link set "to$1" up
    ip -n "$LAB-$1" route add default via "$NET.$2.1"
}

networks() { # NAMESPACE...: the first is number 0
    ip netns add "$LAB-balancer"
    ip -n "$LAB-balancer" link set lo up
    local number=0 each
    for each; do
        link "$each" "$number"
        number=$((number + 1))
    done
    inside balancer sysctl -qw net.ipv4.ip_forward=1
    # BBR, where it is the machine's own, spaces packets with a timer and moves a third of what the road can carry.
    for each in "${spaces[@]}"; do inside "$each" sysctl -qw net.ipv4.tcp_congestion_control=reno; done
}

clean() {
    # What has ended by itself makes kill fail, and must not keep the rest from being removed.
    kill "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    local each
    for each in "${spaces[@]}"; do ip netns del "$LAB-$each" 2>/dev/null || true; done
    rm -r "$work"
}
