#!/bin/sh
# Trains the AOT cache of a packaged Fairlead (its folder is the argument): the demo's Fairlead under real requests, on
# the very options it will have, since a cache fits no others.
set -eu

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
curl -fs -X POST http://127.0.0.1:19090/config/reload > /dev/null
kill "$pid"
wait "$pid" || { pid=; tail -n 30 "$work/log" >&2; exit 1; }
pid=
[ -s "$out/lib/fairlead.aot" ] || { tail -n 30 "$work/log" >&2; echo "package: no AOT cache was made" >&2; exit 1; }
