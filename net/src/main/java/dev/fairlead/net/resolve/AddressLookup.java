package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec.Family;
import io.netty.handler.codec.dns.DnsRecordType;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The addresses of one name, asked for again and again, IPv4 and IPv6 apart: when one of the two fails, its last
/// answer stands. One question after the other, never two at once.
final class AddressLookup {
    private final String name;
    private final Supplier<Resolver> resolver;
    private final Absence absence;
    private final Map<DnsRecordType, List<InetAddress>> last = new HashMap<>();

    /// All addresses, in an order of their own: servers like to rotate theirs. `failure` is null when the answer is
    /// whole. `isGone`: DNS has said for so long that there are none that what was known before is none too.
    record Addresses(
            List<InetAddress> values,
            long ttlSeconds,
            @Nullable String failure,
            boolean isGone) {}

    private record Part(
            DnsRecordType type,
            @Nullable Records<InetAddress> records,
            @Nullable Throwable failure) {
        /// DNS says that the name does not exist, or has no such address.
        boolean isAbsent() {
            return records == null ? isAbsence(failure) : records.values().isEmpty();
        }
    }

    AddressLookup(String name, Supplier<Resolver> resolver, LongSupplier nanoClock) {
        this.name = name;
        this.resolver = resolver;
        this.absence = new Absence(name, nanoClock);
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
        return CompletableFuture.allOf(asked)
                .thenApply(_ -> together(parts, now.spec().keep()));
    }

    private CompletionStage<Part> part(Resolver now, DnsRecordType type) {
        return now.addresses(name, type).handle((records, failure) -> new Part(type, records, failure));
    }

    static String reason(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof LookupFailed ? String.valueOf(cause.getMessage()) : cause.toString();
    }

    static boolean isAbsence(@Nullable Throwable failure) {
        return failure != null && cause(failure) instanceof LookupFailed failed && failed.isAbsence();
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private Addresses together(Collection<Part> parts, Duration keep) {
        if (parts.stream().allMatch(Part::isAbsent)) {
            return absent(parts, keep);
        }
        long ttl = Long.MAX_VALUE;
        String failure = null;
        boolean isWhole = parts.stream().allMatch(part -> part.records() != null || isAbsence(part.failure()));
        for (Part part : parts) {
            if (part.records() != null) {
                // None of one family, when the other could not be asked for, might leave nothing.
                if (isWhole || !part.records().values().isEmpty()) {
                    absence.end();
                    last.put(part.type(), part.records().values());
                }
                ttl = Math.min(ttl, part.records().ttlSeconds());
            } else if (part.failure() != null) {
                failure = reason(part.failure());
            }
        }
        return new Addresses(known(parts), ttl, failure, false);
    }

    private Addresses absent(Collection<Part> parts, Duration keep) {
        boolean isOver = absence.on(keep);
        if (isOver) {
            last.clear();
        }
        String reason = parts.stream()
                .map(Part::failure)
                .filter(Objects::nonNull)
                .map(AddressLookup::reason)
                .findFirst()
                .orElse(name + " has no address");
        return new Addresses(known(parts), Long.MAX_VALUE, reason, isOver);
    }

    private List<InetAddress> known(Collection<Part> parts) {
        return parts.stream()
                .flatMap(part -> last.getOrDefault(part.type(), List.of()).stream())
                .sorted(Comparator.comparing(InetAddress::getHostAddress))
                .toList();
    }
}
