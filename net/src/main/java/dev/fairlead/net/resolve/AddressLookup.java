package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec.Family;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The addresses of one name, asked for again and again, IPv4 and IPv6 apart: when one of the two fails, its last
/// answer stands. One question after the other, never two at once.
final class AddressLookup {
    private final String name;
    private final Supplier<Resolver> resolver;
    private final Map<DnsRecordType, List<InetAddress>> last = new HashMap<>();

    /// All addresses, in an order of their own: servers like to rotate theirs. `failure` is null when the answer is
    /// whole.
    record Addresses(
            List<InetAddress> values,
            long ttlSeconds,
            @Nullable String failure) {}

    private record Part(
            DnsRecordType type,
            @Nullable Records<InetAddress> records,
            @Nullable String failure) {}

    AddressLookup(String name, Supplier<Resolver> resolver) {
        this.name = name;
        this.resolver = resolver;
    }

    /// Never completes exceptionally.
    CompletionStage<Addresses> ask() {
        Resolver now = resolver.get();
        Family family = now.spec().family();
        List<DnsRecordType> types = switch (family) {
            case ANY -> List.of(DnsRecordType.A, DnsRecordType.AAAA);
            case IPV4 -> List.of(DnsRecordType.A);
            case IPV6 -> List.of(DnsRecordType.AAAA);
        };
        Queue<Part> parts = new ConcurrentLinkedQueue<>();
        CompletableFuture<?>[] asked = types.stream()
                .map(type -> part(now, type).thenAccept(parts::add).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(asked).thenApply(_ -> together(parts));
    }

    private CompletionStage<Part> part(Resolver now, DnsRecordType type) {
        return now.addresses(name, type)
                .handle((records, failure) -> new Part(type, records, failure == null ? null : reason(failure)));
    }

    static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof LookupFailed ? String.valueOf(cause.getMessage()) : cause.toString();
    }

    private Addresses together(Collection<Part> parts) {
        List<InetAddress> all = new ArrayList<>();
        long ttl = Long.MAX_VALUE;
        String failure = null;
        for (Part part : parts) {
            if (part.records() != null) {
                last.put(part.type(), part.records().values());
                ttl = Math.min(ttl, part.records().ttlSeconds());
            } else {
                failure = part.failure();
            }
        }
        for (Part part : parts) {
            all.addAll(last.getOrDefault(part.type(), List.of()));
        }
        if (all.isEmpty() && failure == null) {
            failure = name + " has no address";
        }
        all.sort(Comparator.comparing(InetAddress::getHostAddress));
        return new Addresses(List.copyOf(all), ttl, failure);
    }
}
