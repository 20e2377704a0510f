package dev.fairlead.metrics;

import java.util.List;

/// Every number that Fairlead reports: its name on the Prometheus page, its kind, unit, labels and help. There are
/// no others.
///
/// Names follow the Prometheus conventions: base units, `_total` on counters, the unit last.
public enum Metric {
    LISTENER_CONNECTIONS(Kind.COUNTER, "fairlead_listener_connections_total", "Connections accepted.", "listener"),
    LISTENER_CONNECTIONS_OPEN(Kind.GAUGE, "fairlead_listener_connections_open", "Connections open now.", "listener"),
    LISTENER_REFUSALS(
            Kind.COUNTER,
            "fairlead_listener_refusals_total",
            "Connections closed where they came in: `denied` by the lists, `no-proxy` around the proxy in front, above a bound (`address-connections`, `address-rate`, `prefix-connections`, `prefix-rate`), or for want of `descriptors`.",
            "listener",
            "reason"),
    LISTENER_CLIENTS_UNCOUNTED(
            Kind.COUNTER,
            "fairlead_listener_clients_uncounted_total",
            "Connections let in without being counted for their client, because its table was full of others.",
            "listener"),
    LISTENER_PROXY_HEADERS(
            Kind.COUNTER,
            "fairlead_listener_proxy_headers_total",
            "Connections that had to begin with a PROXY protocol header: `v1`, `v2`, `local` when the proxy spoke for itself, and closed as `malformed`, after the `timeout`, or because the proxy `left`.",
            "listener",
            "result"),
    LISTENER_GREETINGS(
            Kind.COUNTER,
            "fairlead_listener_greetings_total",
            "Layer 4: connections that were routed by client or first bytes: `routed`, or closed because of `no-route`, `not-tls`, a `malformed` or too long hello, its `timeout`, or because the client `left`.",
            "listener",
            "result"),
    LISTENER_ACCEPT_PAUSES(
            Kind.COUNTER,
            "fairlead_listener_accept_pauses_total",
            "Times that accepting paused: `max-connections` was reached, or the process had no descriptor left.",
            "listener",
            "reason"),

    FLOWS(Kind.COUNTER, "fairlead_flows_total", "Layer 4 flows that ended, by how they ended.", "listener", "outcome"),
    FLOW_BYTES(
            Kind.COUNTER,
            "fairlead_flow_bytes_total",
            "Bytes relayed; direction is `in` (client to endpoint) or `out`.",
            "listener",
            "direction"),
    FLOW_SPLICED_BYTES(
            Kind.COUNTER,
            "fairlead_flow_spliced_bytes_total",
            "Bytes of fairlead_flow_bytes_total that went by splice(2), uncopied.",
            "listener"),
    FLOW_SOURCE_FAILURES(
            Kind.COUNTER,
            "fairlead_flow_source_failures_total",
            "Connects that failed here because the source address had no port left, or is none of this machine.",
            "listener"),
    FLOW_CONNECT_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_flow_connect_seconds",
            "Time to connect to the chosen endpoint, failed attempts included.",
            "listener"),

    UDP_FLOWS_OPEN(Kind.GAUGE, "fairlead_udp_flows_open", "UDP flows now.", "listener"),
    UDP_FLOWS_EVICTED(
            Kind.COUNTER,
            "fairlead_udp_flows_evicted_total",
            "UDP flows that gave their place to a new one because `max-flows` was reached.",
            "listener"),
    UDP_DATAGRAMS(
            Kind.COUNTER,
            "fairlead_udp_datagrams_total",
            "Datagrams passed on; direction is `in` (client to endpoint) or `out`.",
            "listener",
            "direction"),
    UDP_DROPPED(
            Kind.COUNTER,
            "fairlead_udp_dropped_total",
            "Datagrams that were not passed on, by reason; docs/layer4.md lists them.",
            "listener",
            "reason"),
    UDP_RESPONSE_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_udp_response_seconds",
            "From a flow's first datagram (with `responses`, from each it waits for) to the endpoint's first after it.",
            "listener"),
    QUIC_ROUTED(
            Kind.COUNTER,
            "fairlead_quic_routed_total",
            "New flows of QUIC that went by their connection id, by what told: `server-id` or `learned`.",
            "listener",
            "by"),
    QUIC_LEARNED(Kind.GAUGE, "fairlead_quic_learned", "Connection ids learned from servers now.", "listener"),

    KERNEL_FLOWS(
            Kind.GAUGE,
            "fairlead_kernel_flows",
            "Flows in the kernel's table that are not over, when they were last counted.",
            "listener"),
    KERNEL_FLOWS_MAX(Kind.GAUGE, "fairlead_kernel_flows_max", "Flows that the kernel's table has room for."),
    KERNEL_PACKETS(
            Kind.COUNTER,
            "fairlead_kernel_packets_total",
            "Packets that Linux passed on, joined segments counted as one; direction is `in` (client to endpoint) or `out`.",
            "listener",
            "direction"),
    KERNEL_LOST(
            Kind.COUNTER,
            "fairlead_kernel_lost_packets_total",
            "Packets that Linux did not pass on: `no-endpoint` may be used, `no-route` leads there, their `hops` ran out, `clash` with another flow (of another listener, or begun on another processor at the same moment), no free port of the source addresses was found (`no-port`), `no-room` in the table, `too-long` for the way (who sent it is told), `too-long-untold` the same beyond `kernel: {too-long-reports: ...}`, `options` of IPv4 or extension headers of IPv6, which `ebpf` does not carry.",
            "listener",
            "reason"),
    KERNEL_SWEEP_SECONDS(
            Kind.HISTOGRAM, "fairlead_kernel_sweep_seconds", "Time that it took to look through the kernel's table."),
    KERNEL_RESPONSE_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_kernel_response_seconds",
            "From the client's first bytes on a TCP connection that Linux carries to the endpoint's first after them.",
            "upstream",
            "endpoint"),
    KERNEL_TABLES_MENDED(
            Kind.COUNTER,
            "fairlead_kernel_tables_mended_total",
            "How often somebody else had taken our table out of nftables, or a part of it, and it was put there again."),
    KERNEL_ENDPOINT_PACKETS(
            Kind.COUNTER,
            "fairlead_kernel_endpoint_packets_total",
            "Packets that Linux passed on, by endpoint, joined segments counted as one; direction is `in` (client to endpoint) or `out`.",
            "upstream",
            "endpoint",
            "direction"),

    HTTP_EXCHANGES(
            Kind.COUNTER,
            "fairlead_http_exchanges_total",
            "Exchanges that ended, by class of status; `none` when the client left before it was answered. Tunnels are `1xx`, whatever carried them, and neither in `fairlead_http_exchange_seconds` nor in the bytes of bodies.",
            "listener",
            "status"),
    HTTP_FAULTS(
            Kind.COUNTER,
            "fairlead_http_faults_total",
            "Exchanges that Fairlead could not complete as asked, by our own word for why, finer than the error of RFC 9209: `no_route`, `no_endpoint`, `response_timeout` and those that docs/headers.md lists.",
            "listener",
            "fault"),
    HTTP_EXCHANGE_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_http_exchange_seconds",
            "From the first byte of the request to the last byte of the response.",
            "listener"),
    HTTP_REQUEST_BYTES(Kind.COUNTER, "fairlead_http_request_body_bytes_total", "Bytes of request bodies.", "listener"),
    HTTP_RESPONSE_BYTES(
            Kind.COUNTER, "fairlead_http_response_body_bytes_total", "Bytes of response bodies.", "listener"),
    CACHE_REQUESTS(
            Kind.COUNTER,
            "fairlead_cache_requests_total",
            "Requests on routes that cache, by what came of it: hit, stale, revalidated, miss, collapsed (answered with what another had asked for), pass.",
            "listener",
            "route",
            "outcome"),
    CACHE_SENT_BYTES(
            Kind.COUNTER,
            "fairlead_cache_sent_bytes_total",
            "Bytes of bodies for which no endpoint was asked: of hits, stale, revalidated and collapsed ones.",
            "listener",
            "route"),
    CACHE_BYTES(Kind.GAUGE, "fairlead_cache_bytes", "Bytes of the responses that are kept, heads included."),
    CACHE_KEYS(Kind.GAUGE, "fairlead_cache_keys", "Keys that responses are kept under, about."),
    CACHE_EVICTIONS(
            Kind.COUNTER,
            "fairlead_cache_evictions_total",
            "Keys that had to go because the memory was full.",
            "listener",
            "route"),
    CACHE_DISK_BYTES(Kind.GAUGE, "fairlead_cache_disk_bytes", "Bytes of the files of the cache's folder."),
    CACHE_DISK_FILES(Kind.GAUGE, "fairlead_cache_disk_files", "Files of the cache's folder, one for each key, about."),
    CACHE_DISK_FAILURES(
            Kind.COUNTER,
            "fairlead_cache_disk_failures_total",
            "Files of the cache's folder that could not be read or written; the log has the reason."),
    CACHE_PAGES(
            Kind.GAUGE,
            "fairlead_cache_page_bytes",
            "Memory outside of the heap that bodies stand in: those that are kept, and those that are still being sent."),
    CACHE_DISK_OPEN(
            Kind.GAUGE,
            "fairlead_cache_disk_open_files",
            "Files of the cache's folder that are open: bodies are sent from them."),
    COMPRESSION_RESPONSES(
            Kind.COUNTER,
            "fairlead_compression_responses_total",
            "Responses that were compressed, by coding; begun, whole or not.",
            "listener",
            "coding"),
    COMPRESSION_IN_BYTES(
            Kind.COUNTER,
            "fairlead_compression_in_bytes_total",
            "Bytes of bodies before they were compressed.",
            "listener",
            "coding"),
    COMPRESSION_OUT_BYTES(
            Kind.COUNTER,
            "fairlead_compression_out_bytes_total",
            "What they were compressed to.",
            "listener",
            "coding"),
    COMPRESSION_REFUSALS(
            Kind.COUNTER,
            "fairlead_compression_refusals_total",
            "Responses that went as they came because `memory-max` was reached.",
            "listener"),
    COMPRESSION_MEMORY(
            Kind.GAUGE,
            "fairlead_compression_memory_bytes",
            "Memory of what compresses now, about; it is not in the heap.",
            "listener"),
    DECOMPRESSION_RESPONSES(
            Kind.COUNTER,
            "fairlead_decompression_responses_total",
            "Responses that were decoded for clients that do not take their coding; begun, whole or not.",
            "listener",
            "coding"),
    DECOMPRESSION_FAILURES(
            Kind.COUNTER,
            "fairlead_decompression_failures_total",
            "Responses that could not be decoded, or became more than `decompress-max` or `decompress-ratio` allow.",
            "listener"),
    HTTP_TUNNELS_OPEN(
            Kind.GAUGE, "fairlead_http_tunnels_open", "Upgraded connections (WebSocket) open now.", "listener"),
    HTTP_TUNNELS(
            Kind.COUNTER,
            "fairlead_http_tunnels_total",
            "Upgraded connections that ended, by how they ended.",
            "listener",
            "outcome"),
    HTTP_TUNNEL_BYTES(
            Kind.COUNTER,
            "fairlead_http_tunnel_bytes_total",
            "Bytes of upgraded connections; direction is `in` (client to endpoint) or `out`.",
            "listener",
            "direction"),
    HTTP2_CONNECTIONS_OPEN(
            Kind.GAUGE,
            "fairlead_http2_connections_open",
            "Connections of clients on which HTTP/2 is spoken.",
            "listener"),
    HTTP2_EXCHANGES(
            Kind.COUNTER,
            "fairlead_http2_exchanges_total",
            "Exchanges that ended and were asked for over HTTP/2; the others of `fairlead_http_exchanges_total` came over HTTP/1 or HTTP/3.",
            "listener"),
    HTTP2_GUARDS(
            Kind.COUNTER,
            "fairlead_http2_guards_total",
            "HTTP/2 connections that were ended with ENHANCE_YOUR_CALM, by what there was too much of: streams taken back (`reset`), `empty-data`, `ping`, `settings`, `priority` and `unknown` frames, windows opened by next to nothing (`window-update`), a `head` in too many pieces.",
            "listener",
            "guard"),
    HTTP3_CONNECTIONS_OPEN(
            Kind.GAUGE,
            "fairlead_http3_connections_open",
            "Connections of clients on which HTTP/3 is spoken.",
            "listener"),
    HTTP3_EXCHANGES(
            Kind.COUNTER,
            "fairlead_http3_exchanges_total",
            "Exchanges that ended and were asked for over HTTP/3.",
            "listener"),
    HTTP3_GUARDS(
            Kind.COUNTER,
            "fairlead_http3_guards_total",
            "HTTP/3 connections that were ended with H3_EXCESSIVE_LOAD, by what there was too much of: streams taken back (`reset`), `empty-data`, frames of `control` and of `priority`, and those that are `unknown`.",
            "listener",
            "guard"),
    HTTP3_MIGRATIONS(
            Kind.COUNTER,
            "fairlead_http3_migrations_total",
            "Times that a client of HTTP/3 went on from another address, or from behind another translator of addresses.",
            "listener"),
    HTTP3_STATELESS_RESETS(
            Kind.COUNTER,
            "fairlead_http3_stateless_resets_total",
            "Packets of HTTP/3 connections that ended with another process: their clients were told (`sent`), or not, because there were too many (`held`).",
            "listener",
            "result"),
    GRPC_CALLS(
            Kind.COUNTER,
            "fairlead_grpc_calls_total",
            "gRPC calls that ended with a status, by that: `ok`, `unavailable` and so on, of an endpoint or our own. Those that broke off have none.",
            "listener",
            "status"),

    TLS_HANDSHAKES(
            Kind.COUNTER,
            "fairlead_tls_handshakes_total",
            "TLS handshakes with clients that completed, by version; kind is `full` or `resumed`.",
            "listener",
            "version",
            "kind"),
    TLS_HANDSHAKE_FAILURES(
            Kind.COUNTER,
            "fairlead_tls_handshake_failures_total",
            "TLS handshakes with clients that did not complete: after the `timeout`, the first bytes were `not-tls`, the hello was `malformed`, no certificate has the name (`unknown-name`), the first is still to be issued (`no-certificate`), no `version` or `cipher` in common, the client's certificate was missing or not believed (`client-certificate`), the client refused by an `alert`, mostly because of our certificate, the client `left`, or another `error`.",
            "listener",
            "reason"),
    TLS_HANDSHAKE_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_tls_handshake_seconds",
            "From the connection to the end of the TLS handshake, round trips included.",
            "listener"),
    TLS_CERTIFICATE_EXPIRY(
            Kind.GAUGE,
            "fairlead_tls_certificate_expiry_timestamp_seconds",
            "When the certificate that is served from this file, or one behind it in the file, runs out, in seconds since 1970.",
            "listener",
            "certificate"),
    TLS_FILE_READS(
            Kind.COUNTER,
            "fairlead_tls_file_reads_total",
            "Times that files of certificates or ticket keys had changed and were read: `used`, or `unusable`, and then the listener goes on with what it has.",
            "listener",
            "result"),
    TLS_OCSP_FETCHES(
            Kind.COUNTER,
            "fairlead_tls_ocsp_fetches_total",
            "OCSP responses that were asked for; result is `good`, `revoked`, or `failed`, and then what there is is stapled on while it is good.",
            "listener",
            "result"),
    TLS_OCSP_EXPIRY(
            Kind.GAUGE,
            "fairlead_tls_ocsp_expiry_timestamp_seconds",
            "When the OCSP response that is stapled to the certificate of this file runs out, in seconds since 1970. 0: there is none.",
            "listener",
            "certificate"),
    ACME_ORDERS(
            Kind.COUNTER,
            "fairlead_acme_orders_total",
            "Orders of certificates from the ACME server; result is `issued`, or `failed`, and then the old certificate stays in use.",
            "certificate",
            "result"),
    ACME_NEXT(
            Kind.GAUGE,
            "fairlead_acme_next_timestamp_seconds",
            "When the certificate is to be ordered next, by its lifetime or by the renewal information of the authority, or after a pause because an order has failed; in seconds since 1970.",
            "certificate"),
    ACME_PROOFS(
            Kind.COUNTER,
            "fairlead_acme_proofs_total",
            "Times that the authority, or somebody who knew what it would ask, was answered that a name is ours.",
            "challenge"),

    ENDPOINT_UP(
            Kind.GAUGE,
            "fairlead_endpoint_up",
            "1 when the endpoint takes traffic, 0 when it is down.",
            "upstream",
            "endpoint"),
    ENDPOINT_ACTIVE(
            Kind.GAUGE, "fairlead_endpoint_active", "Flows and exchanges now on the endpoint.", "upstream", "endpoint"),
    ENDPOINT_CONNECTIONS_OPEN(
            Kind.GAUGE,
            "fairlead_endpoint_connections_open",
            "Connections to the endpoint open now, idle ones included.",
            "upstream",
            "endpoint"),
    ENDPOINT_PICKS(
            Kind.COUNTER,
            "fairlead_endpoint_picks_total",
            "Flows and attempts given to the endpoint.",
            "upstream",
            "endpoint"),
    ENDPOINT_CONNECTS(
            Kind.COUNTER,
            "fairlead_endpoint_connects_total",
            "Connections made to the endpoint.",
            "upstream",
            "endpoint"),
    ENDPOINT_CONNECT_FAILURES(
            Kind.COUNTER,
            "fairlead_endpoint_connect_failures_total",
            "Connections to the endpoint that failed.",
            "upstream",
            "endpoint"),
    ENDPOINT_LIMIT_HITS(
            Kind.COUNTER,
            "fairlead_endpoint_limit_hits_total",
            "Picks that passed the endpoint over because it had `max-connections` or `max-requests`.",
            "upstream",
            "endpoint"),
    ENDPOINT_PROBES(
            Kind.COUNTER,
            "fairlead_endpoint_probes_total",
            "Probes of the endpoint, by result.",
            "upstream",
            "endpoint",
            "result"),
    ENDPOINT_LATENCY_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_endpoint_latency_seconds",
            "Layer 7: request sent to first byte of the response. TCP: time to connect. UDP: datagram to the first answer.",
            "upstream",
            "endpoint"),
    ENDPOINT_EJECTED(
            Kind.GAUGE,
            "fairlead_endpoint_ejected",
            "1 while the endpoint is kept out because of what traffic saw of it.",
            "upstream",
            "endpoint"),
    ENDPOINT_MANUAL(
            Kind.GAUGE,
            "fairlead_endpoint_manual",
            "What an operator has said of the endpoint: 0 auto, 1 up, 2 drain, 3 down.",
            "upstream",
            "endpoint"),
    ENDPOINT_WEIGHT(
            Kind.GAUGE,
            "fairlead_endpoint_weight",
            "The weight of the endpoint, slow start not counted in.",
            "upstream",
            "endpoint"),
    ENDPOINT_SLOW_START(
            Kind.GAUGE,
            "fairlead_endpoint_slow_start_ratio",
            "The part of its weight that the endpoint has: below 1 while it starts slowly.",
            "upstream",
            "endpoint"),
    ENDPOINT_CONCURRENCY_LIMIT(
            Kind.GAUGE,
            "fairlead_endpoint_concurrency_limit",
            "Flows and exchanges that may be on the endpoint at once, configured or learned; 0 is no bound.",
            "upstream",
            "endpoint"),
    ENDPOINT_BYTES(
            Kind.COUNTER,
            "fairlead_endpoint_bytes_total",
            "Bytes passed on, of bodies at Layer 7; direction is `in` (client to endpoint) or `out`.",
            "upstream",
            "endpoint",
            "direction"),
    ENDPOINT_HTTP2_STREAMS(
            Kind.GAUGE,
            "fairlead_endpoint_http2_streams_open",
            "Attempts that have a stream of an HTTP/2 connection to the endpoint; the connections are among `fairlead_endpoint_connections_open`.",
            "upstream",
            "endpoint"),
    ENDPOINT_HTTP2_GOAWAYS(
            Kind.COUNTER,
            "fairlead_endpoint_http2_goaways_total",
            "GOAWAY frames that the endpoint has sent.",
            "upstream",
            "endpoint"),
    ENDPOINT_HTTP2_REFUSALS(
            Kind.COUNTER,
            "fairlead_endpoint_http2_refusals_total",
            "Streams that the endpoint has not looked at, as it says: reset with REFUSED_STREAM, or behind the last one of a GOAWAY.",
            "upstream",
            "endpoint"),
    ENDPOINT_HTTP2_CANCELS(
            Kind.COUNTER,
            "fairlead_endpoint_http2_cancels_total",
            "Streams to the endpoint that were reset: their client left, another attempt answered first, the endpoint was overdue, its answer was malformed, or came before the request was whole.",
            "upstream",
            "endpoint"),
    UPSTREAM_NO_ENDPOINT(
            Kind.COUNTER,
            "fairlead_upstream_no_endpoint_total",
            "Picks that found no endpoint to go to: none is left, or the breaker is open.",
            "upstream"),
    UPSTREAM_PANIC(
            Kind.GAUGE,
            "fairlead_upstream_panic",
            "1 while too few endpoints may be used and therefore all are.",
            "upstream"),
    UPSTREAM_SUBSETS_UNNAMED(
            Kind.GAUGE,
            "fairlead_upstream_subsets_unnamed",
            "Values of the label of `subset` that no request can name, since discovery found more than the 256 that may be.",
            "upstream"),
    UPSTREAM_BREAKER(
            Kind.GAUGE,
            "fairlead_upstream_breaker_state",
            "The circuit breaker: 0 closed, 1 open, 2 half-open.",
            "upstream"),
    UPSTREAM_QUEUE_LENGTH(
            Kind.GAUGE,
            "fairlead_upstream_queue_length",
            "Flows and exchanges that wait for a free endpoint.",
            "upstream"),
    UPSTREAM_QUEUE_WAITS(
            Kind.COUNTER,
            "fairlead_upstream_queue_waits_total",
            "Waits for a free endpoint that ended, by how: `served`, `timeout`, or `left` when the client did.",
            "upstream",
            "outcome"),
    UPSTREAM_QUEUE_REFUSALS(
            Kind.COUNTER,
            "fairlead_upstream_queue_refusals_total",
            "Flows and exchanges that could not wait because the queue was full.",
            "upstream"),
    UPSTREAM_QUEUE_SECONDS(
            Kind.HISTOGRAM,
            "fairlead_upstream_queue_seconds",
            "Time waited for a free endpoint, whatever came of it.",
            "upstream"),
    UPSTREAM_RETRIES(
            Kind.COUNTER,
            "fairlead_upstream_retries_total",
            "Attempts made again, of exchanges and of the connects of flows: `connect` no connection could be made, `idle` a pooled connection was dead, `reset` it broke off before the answer, `timeout` and `status` as `retry` says.",
            "upstream",
            "reason"),
    UPSTREAM_RETRY_REFUSALS(
            Kind.COUNTER,
            "fairlead_upstream_retry_refusals_total",
            "Retries and hedges that were not made, and flows that ended, because the budget was spent.",
            "upstream"),
    UPSTREAM_HEDGES(
            Kind.COUNTER,
            "fairlead_upstream_hedges_total",
            "Second attempts made beside one that took long (`retry.hedge-percentile`).",
            "upstream"),
    UPSTREAM_HEDGES_WON(
            Kind.COUNTER,
            "fairlead_upstream_hedges_won_total",
            "Those of them whose answer went to the client.",
            "upstream"),
    UPSTREAM_HEDGE_SECONDS(
            Kind.GAUGE,
            "fairlead_upstream_hedge_seconds",
            "How long an answer is awaited before a hedge; 0 while there is none.",
            "upstream"),
    UPSTREAM_REPLAY_OVER(
            Kind.COUNTER,
            "fairlead_upstream_replay_over_total",
            "Request bodies that were not kept to be sent again, by the limit that was hit.",
            "upstream",
            "limit"),
    UPSTREAM_MIRRORED(
            Kind.COUNTER,
            "fairlead_upstream_mirrored_total",
            "Requests to be copied to this upstream: `sent`, or not because the body was `too_large` or there were `too_many` copies under way.",
            "upstream",
            "outcome"),
    UPSTREAM_STICKY_HITS(
            Kind.COUNTER,
            "fairlead_upstream_sticky_hits_total",
            "Picks that followed what is known of a client to the endpoint it had.",
            "upstream"),
    UPSTREAM_STICKY_MISSES(
            Kind.COUNTER,
            "fairlead_upstream_sticky_misses_total",
            "Picks of a client whose endpoint was down, full or gone, or whose proof was forged.",
            "upstream"),
    UPSTREAM_STICKY_SOURCES(
            Kind.GAUGE,
            "fairlead_upstream_sticky_sources",
            "Clients in the table of `sticky: {source-address: ...}`.",
            "upstream"),
    UPSTREAM_STICKY_EVICTIONS(
            Kind.COUNTER,
            "fairlead_upstream_sticky_evictions_total",
            "Clients that were forgotten to make room in that table.",
            "upstream"),

    DISCOVERY_LOOKUPS(
            Kind.COUNTER,
            "fairlead_discovery_lookups_total",
            "Lookups of endpoints; result is `found`, or `failed`, after which the endpoints known last stay.",
            "upstream",
            "source",
            "result"),
    DISCOVERY_ENDPOINTS(
            Kind.GAUGE, "fairlead_discovery_endpoints", "Endpoints that the source has now.", "upstream", "source"),
    DNS_QUERIES(
            Kind.COUNTER,
            "fairlead_dns_queries_total",
            "Queries to DNS servers; result is `timeout`, `failed` or the server's response code.",
            "type",
            "result"),

    ACCESS_LOG_DROPPED(
            Kind.COUNTER,
            "fairlead_access_log_dropped_total",
            "Access log lines dropped because the writer could not keep up."),
    CONFIG_RELOADS(Kind.COUNTER, "fairlead_config_reloads_total", "Reloads asked for, by result.", "result"),
    CONFIG_LOADED_SECONDS(
            Kind.GAUGE, "fairlead_config_loaded_timestamp_seconds", "When the running config was loaded, Unix time."),
    DRAIN_CUT(
            Kind.COUNTER,
            "fairlead_drain_cut_total",
            "Connections that a drain had to cut at its deadline.",
            "listener"),
    ADMIN_CUT(
            Kind.COUNTER,
            "fairlead_admin_cut_total",
            "Requests of the admin API that were cut: the form was not sent within `admin.request-timeout`, or the answer not taken within `admin.response-timeout`. A head that is late is closed, and not counted."),
    BUFFER_BYTES(Kind.GAUGE, "fairlead_buffer_bytes", "Memory held by the I/O buffer allocator.", "kind"),
    PROCESS_START_SECONDS(Kind.GAUGE, "process_start_time_seconds", "When the process started, Unix time.");

    public enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    private final Kind kind;
    private final String title;
    private final String help;
    private final List<String> labels;
    private final List<String> subject;

    Metric(Kind kind, String title, String help, String... labels) {
        this.kind = kind;
        this.title = title;
        this.help = help;
        this.labels = List.of(labels);
        this.subject = this.labels.subList(0, subjectLabels(this.labels));
    }

    private static int subjectLabels(List<String> labels) {
        if (labels.isEmpty()) {
            return 0;
        }
        return switch (labels.getFirst()) {
            case "listener" -> 1;
            case "upstream" -> labels.size() > 1 && labels.get(1).matches("endpoint|source") ? 2 : 1;
            default -> 0;
        };
    }

    public Kind kind() {
        return kind;
    }

    /// The name on the page, such as `fairlead_flows_total`.
    public String title() {
        return title;
    }

    public String help() {
        return help;
    }

    public List<String> labels() {
        return labels;
    }

    /// Those of its labels, the first ones, that name what it is about: see [Subject].
    List<String> subject() {
        return subject;
    }
}
