package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Questions to DNS servers, on one loop. It remembers nothing: how long an answer holds is for the asker to heed.
/// Every question leaves from a port of its own, which makes a forged answer harder to place (RFC 5452 §9.2); a
/// truncated answer is asked for again over TCP. Any thread may ask.
final class Dns implements Resolver, AutoCloseable {
    /// Followed questions for aliases whose end a server did not send along.
    private static final int ALIASES_MAX = 8;

    /// Netty wants one; every question here names its own server.
    private static final InetSocketAddress NEVER_ASKED = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);

    private final ResolverSpec spec;
    private final EventLoop loop;
    private final DnsNameResolver resolver;
    private final List<InetSocketAddress> servers;
    private final HostsFile hosts;
    private final Metrics metrics;

    private interface Reading<T> {
        DnsMessage.Reached<T> read(DnsResponse response, String name);
    }

    private record Question<T>(DnsRecordType type, Reading<T> reading) {}

    Dns(ResolverSpec spec, Loops loops, HostsFile hosts, List<InetSocketAddress> servers, Metrics metrics) {
        this.spec = spec;
        this.loop = loops.all().getFirst().eventLoop();
        this.servers = servers;
        this.hosts = hosts;
        this.metrics = metrics;
        this.resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(loops.transport().datagrams())
                .socketChannelType(loops.transport().sockets())
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .nameServerProvider(new SingletonDnsServerAddressStreamProvider(NEVER_ASKED))
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .searchDomains(List.of())
                .queryTimeoutMillis(spec.timeout().toMillis())
                .build();
    }

    @Override
    public ResolverSpec spec() {
        return spec;
    }

    @Override
    public CompletionStage<Records<InetAddress>> addresses(String name, DnsRecordType type) {
        List<InetAddress> known = hosts.addresses(name, type.equals(DnsRecordType.AAAA));
        if (known != null) {
            return CompletableFuture.completedFuture(new Records<>(known, Long.MAX_VALUE));
        }
        return ask(name, new Question<>(type, (response, asked) -> DnsMessage.peekAddresses(response, asked, type)));
    }

    @Override
    public CompletionStage<Records<SrvRecord>> services(String name) {
        return ask(name, new Question<>(DnsRecordType.SRV, DnsMessage::peekServices));
    }

    private <T> CompletionStage<Records<T>> ask(String name, Question<T> question) {
        if (servers.isEmpty()) {
            return CompletableFuture.failedFuture(new LookupFailed(
                    "there is no DNS server, neither in `resolver.servers` nor in " + MachineFiles.RESOLV_CONF));
        }
        Lookup<T> lookup = new Lookup<>(name, question);
        loop.execute(lookup::ask);
        return lookup.answer;
    }

    /// One question on its way along aliases and servers. This loop.
    private final class Lookup<T> {
        private final Question<T> question;
        private final CompletableFuture<Records<T>> answer = new CompletableFuture<>();
        private String name;
        private int server;
        private int aliases;
        private long ttlSeconds = Long.MAX_VALUE;

        Lookup(String name, Question<T> question) {
            this.name = name;
            this.question = question;
        }

        void ask() {
            try {
                Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> query =
                        resolver.query(servers.get(server), new DefaultDnsQuestion(name, question.type));
                query.addListener(_ -> onEnd(query));
            } catch (IllegalArgumentException badName) {
                fail(name + " cannot be asked for: " + badName.getMessage());
            }
        }

        private void onEnd(Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> query) {
            if (!query.isSuccess()) {
                boolean isLate = query.cause() instanceof DnsNameResolverTimeoutException;
                count(question.type, isLate ? "timeout" : "failed");
                askNextServer(
                        isLate
                                ? "does not answer"
                                : "cannot be asked: " + query.cause().getMessage());
                return;
            }
            AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = query.getNow();
            try {
                onResponse(envelope.content());
            } finally {
                envelope.release();
            }
        }

        private void onResponse(DnsResponse response) {
            String word = word(response.code());
            count(question.type, word);
            if (response.code().equals(DnsResponseCode.NOERROR)) {
                onAnswer(question.reading.read(response, name));
            } else if (response.code().equals(DnsResponseCode.NXDOMAIN)) {
                answer.completeExceptionally(LookupFailed.absent(name));
            } else {
                // Another server may know better: RFC 1035 §7.2.
                askNextServer("answers " + word.toUpperCase(Locale.ROOT));
            }
        }

        private void onAnswer(DnsMessage.Reached<T> reached) {
            ttlSeconds = Math.min(ttlSeconds, reached.ttlSeconds());
            if (!reached.values().isEmpty() || reached.name().equalsIgnoreCase(name)) {
                answer.complete(new Records<>(reached.values(), ttlSeconds));
            } else if (aliases++ < ALIASES_MAX) {
                name = reached.name();
                ask();
            } else {
                fail(name + " is an alias without an end");
            }
        }

        private void askNextServer(String because) {
            InetSocketAddress asked = servers.get(server);
            if (++server < servers.size()) {
                ask();
            } else {
                fail("%s %s: the server %s:%d %s"
                        .formatted(
                                name,
                                question.type.name(),
                                asked.getAddress().getHostAddress(),
                                asked.getPort(),
                                because));
            }
        }

        private void fail(String reason) {
            answer.completeExceptionally(new LookupFailed(reason));
        }
    }

    private static String word(DnsResponseCode code) {
        String text = code.toString();
        int end = text.indexOf('(');
        return (end < 0 ? text : text.substring(0, end)).toLowerCase(Locale.ROOT);
    }

    private void count(DnsRecordType type, String result) {
        metrics.counter(Metric.DNS_QUERIES, type.name().toLowerCase(Locale.ROOT), result)
                .increment();
    }

    @Override
    public void close() {
        resolver.close();
    }
}
