#!/bin/sh
# Measures a packaged Fairlead (its folder is the argument), and HAProxy and nginx where they are installed, all with
# one HTTP listener over one server: time from exec to the first answer on the listener's port, and resident memory
# after that and two quiet seconds. Median of five starts. Prints a Markdown table.
set -eu

out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
port=19180

cat > "$work/fairlead.yaml" <<YAML
listeners: { web: { protocol: http, address: "127.0.0.1:$port", upstream: app } }
upstreams: { app: { endpoints: ["127.0.0.1:19190"] } }
admin: { address: "127.0.0.1:19191" }
YAML
cat > "$work/haproxy.cfg" <<CFG
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 30s
frontend web
  bind 127.0.0.1:$port
  default_backend app
backend app
  server s1 127.0.0.1:19190
CFG
cat > "$work/nginx.conf" <<CONF
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events {}
http {
  access_log off;
  upstream app { server 127.0.0.1:19190; }
  server { listen 127.0.0.1:$port; location / { proxy_pass http://app; } }
}
CONF

size() {
    du -sm "$1" | cut -f 1
}

python=$(command -v python3) || { echo "package: python3 is needed to measure" >&2; exit 3; }
row() {
    name=$1
    shift
    "$python" "$(dirname "$0")/start-cost.py" "$port" "$@" | sed "s#^#| $name | #"
}

echo
echo "$(basename "$out"): folder $(size "$out") MiB, tar.gz $(size "$out.tar.gz") MiB"
echo
echo "| | exec to listening | resident at rest |"
echo "|---|---|---|"
row "Fairlead" "$out/bin/fairlead" run "$work/fairlead.yaml"
! command -v haproxy > /dev/null || row "$(haproxy -v | head -n 1 | cut -d ' ' -f 1,3)" haproxy -f "$work/haproxy.cfg"
! command -v nginx > /dev/null || row "$(nginx -v 2>&1 | sed 's/nginx version: //')" nginx -c "$work/nginx.conf"
