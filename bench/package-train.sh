#!/bin/sh
# Trains the AOT cache of a packaged Fairlead (its folder is the argument): the demo's Fairlead under real requests, on
# the very options it will have, since a cache fits no others.
set -eu

# Who may, trains Layer 4 in the kernel too: in a network of its own, whose one interface leads nowhere.
kernel=
if [ "$1" != --inside ] && [ "$(id -u)" = 0 ] && unshare --net true 2> /dev/null; then
    exec unshare --net "$0" --inside "$1"
fi
if [ "$1" = --inside ]; then
    shift
    ip link set lo up
    if ip link add train0 type veth peer name train1 && ip address add 10.71.0.1/24 dev train0 &&
        ip link set train0 up && ip link set train1 up && sysctl -qw net.ipv4.conf.train0.forwarding=1; then
        kernel=1
    fi
fi

out=$1
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2> /dev/null; rm -rf "$work"' EXIT
# Two listeners, both on one server that is Fairlead's own admin API: all of the data path runs, nothing else is needed.
cat > "$work/train.yaml" <<'YAML'
listeners:
  raw: { protocol: tcp, address: "127.0.0.1:19000", upstream: app }
  web: { protocol: http, address: "127.0.0.1:19080", upstream: app }
upstreams:
  app:
    endpoints: [127.0.0.1:19090]
    probe: { protocol: http, path: /healthz, interval: 100ms }
admin: { address: "127.0.0.1:19090" }
access-log: { path: stdout }
YAML
# Where Linux does not let it, sockets carry it, and the training is what it was.
[ -z "$kernel" ] || {
    sed -i '/^listeners:/a \  kernel: { protocol: tcp, address: "10.71.0.1:19001", upstream: kernel, carrier: auto }' "$work/train.yaml"
    sed -i '/^upstreams:/a \  kernel: { endpoints: [10.71.0.2:80] }' "$work/train.yaml"
    echo "kernel: { interfaces: train0, pins: /sys/fs/bpf/fairlead-train-$$ }" >> "$work/train.yaml"
}
"$out/runtime/bin/java" "@$out/lib/jvm.options" "-XX:AOTCacheOutput=$out/lib/fairlead.aot" "-Dfairlead.home=$out" \
    -m dev.fairlead.server/dev.fairlead.server.cli.Main run "$work/train.yaml" > "$work/log" 2>&1 &
pid=$!
tries=0
until curl -fs http://127.0.0.1:19090/readyz > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { tail -n 30 "$work/log" >&2; exit 1; }
    sleep 0.1
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
    curl -fs http://127.0.0.1:19000/metrics http://127.0.0.1:19080/metrics \
        http://127.0.0.1:19080/upstreams http://127.0.0.1:19080/config > /dev/null
done
# A larger config comes and goes: what reads it and what applies it is trained too. Where an address is taken, less is.
cp "$work/train.yaml" "$work/small.yaml"
awk -v kernel="$kernel" '
    /^upstreams:/ {
        for (i = 0; i < 100; i++)
            printf "  many%d: { protocol: tcp, address: \"%s:%d\", upstream: many%d%s }\n", i,
                kernel ? "10.71.0.1" : "127.0.0.1", 20000 + i, i, kernel ? ", carrier: auto" : ""
        print
        for (i = 0; i < 100; i++) {
            printf "  many%d: { endpoints: [\"10.72.0.1:80\"", i
            for (j = 1; j < 40; j++)
                printf ", \"10.72.%d.%d:80\"", i, j
            print "] }"
        }
        next
    }
    { print }' "$work/small.yaml" > "$work/large.yaml"
# Where Linux does not let it, the listener that must be in the kernel is refused, and nothing has changed.
sed 's/carrier: auto/carrier: kernel/' "$work/small.yaml" > "$work/kernel.yaml"
for size in large small large small kernel small; do
    cp "$work/$size.yaml" "$work/train.yaml"
    curl -s -X POST http://127.0.0.1:19090/config/reload > /dev/null
    curl -fs http://127.0.0.1:19090/metrics http://127.0.0.1:19090/upstreams > /dev/null
done
kill "$pid"
wait "$pid" || { pid=; tail -n 30 "$work/log" >&2; exit 1; }
pid=
[ -s "$out/lib/fairlead.aot" ] || { tail -n 30 "$work/log" >&2; echo "package: no AOT cache was made" >&2; exit 1; }
