-- One line for peers.sh: requests, microseconds, p50, p99, p99.9 (microseconds), errors of every kind.
function done(summary, latency, requests)
  local e = summary.errors
  print(string.format("REPORT %d %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    e.connect + e.read + e.write + e.status + e.timeout))
end
