package dev.fairlead.net.resolve;

import dev.fairlead.config.Address;
import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import dev.fairlead.config.ResolverSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The endpoints that SRV records name (RFC 2782): port, weight and priority are theirs. The priorities become
/// priority groups in their order, from 0.
final class SrvDiscovery implements Discovery {
    /// More targets than this are not looked up.
    private static final int TARGETS_MAX = 1000;

    /// The greatest priority of an endpoint; records beyond it share that group.
    private static final int PRIORITY_MAX = 9;

    private final String name;
    private final Supplier<Resolver> resolver;
    private final LongSupplier nanoClock;
    private final Absence absence;
    private final Map<String, AddressLookup> lookups = new HashMap<>();

    SrvDiscovery(String name, Supplier<Resolver> resolver, LongSupplier nanoClock) {
        this.name = name;
        this.resolver = resolver;
        this.nanoClock = nanoClock;
        this.absence = new Absence(name, nanoClock);
    }

    @Override
    public CompletionStage<Answer> ask() {
        return resolver.get()
                .services(name)
                .thenCompose(this::resolve)
                .exceptionally(failure -> AddressLookup.isAbsence(failure)
                        ? absent(AddressLookup.reason(failure))
                        : failed(AddressLookup.reason(failure)));
    }

    private CompletionStage<Answer> resolve(Records<SrvRecord> services) {
        // RFC 2782: a target of `.` means that the service is decidedly not to be had.
        boolean isNone = !services.values().isEmpty()
                && services.values().stream().allMatch(each -> each.target().isEmpty());
        if (isNone) {
            return CompletableFuture.completedFuture(new Found(List.of(), Ttl.bounded(services.ttlSeconds(), spec())));
        }
        List<SrvRecord> records = services.values().stream()
                .filter(each -> !each.target().isEmpty() && each.port() > 0)
                .sorted(Comparator.comparingInt(SrvRecord::priority)
                        .thenComparing(SrvRecord::target)
                        .thenComparingInt(SrvRecord::port))
                .limit(TARGETS_MAX)
                .toList();
        if (records.isEmpty()) {
            return CompletableFuture.completedFuture(absent(name + " has no SRV record"));
        }
        absence.end();
        Map<String, AddressLookup.Addresses> targets = new ConcurrentHashMap<>();
        Set<String> names =
                new TreeSet<>(records.stream().map(SrvRecord::target).toList());
        lookups.keySet().retainAll(names);
        CompletableFuture<?>[] asked = names.stream()
                .map(target -> lookups.computeIfAbsent(target, _ -> new AddressLookup(target, resolver, nanoClock))
                        .ask()
                        .thenAccept(addresses -> targets.put(target, addresses))
                        .toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(asked).thenApply(_ -> answer(records, targets, services.ttlSeconds()));
    }

    private Answer answer(List<SrvRecord> records, Map<String, AddressLookup.Addresses> targets, long ttlSeconds) {
        long ttl = ttlSeconds;
        String failure = null;
        List<SrvRecord> found = new ArrayList<>();
        for (SrvRecord each : records) {
            AddressLookup.Addresses addresses = Objects.requireNonNull(targets.get(each.target()));
            ttl = Math.min(ttl, addresses.ttlSeconds());
            failure = addresses.failure() == null ? failure : addresses.failure();
            if (!addresses.values().isEmpty()) {
                found.add(each);
            }
        }
        if (found.isEmpty()) {
            boolean isGone = targets.values().stream().allMatch(AddressLookup.Addresses::isGone);
            return isGone ? new Gone(String.valueOf(failure), spec().retry()) : failed(String.valueOf(failure));
        }
        return new Found(endpoints(found, targets), Ttl.again(ttl, failure == null, spec()), names(found, targets));
    }

    private static List<EndpointSpec> endpoints(List<SrvRecord> records, Map<String, AddressLookup.Addresses> targets) {
        List<List<InetAddress>> addresses = records.stream()
                .map(each -> Objects.requireNonNull(targets.get(each.target())).values())
                .toList();
        int[] weights = SrvShares.of(
                records.stream().map(SrvRecord::weight).toList(),
                addresses.stream().map(List::size).toList());
        List<Integer> priorities = List.copyOf(
                new TreeSet<>(records.stream().map(SrvRecord::priority).toList()));
        List<EndpointSpec> endpoints = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            SrvRecord record = records.get(i);
            int priority = Math.min(PRIORITY_MAX, priorities.indexOf(record.priority()));
            for (InetAddress ip : addresses.get(i)) {
                endpoints.add(new EndpointSpec(new Address(ip, record.port()), weights[i], 0, 0, priority, null));
            }
        }
        return endpoints;
    }

    /// Of an address that several targets have, the first one's.
    private static Map<EndpointAddress, NamedAddress> names(
            List<SrvRecord> records, Map<String, AddressLookup.Addresses> targets) {
        Map<EndpointAddress, NamedAddress> names = new HashMap<>();
        for (SrvRecord record : records) {
            var name = new NamedAddress(record.target(), record.port());
            for (InetAddress ip :
                    Objects.requireNonNull(targets.get(record.target())).values()) {
                names.putIfAbsent(new Address(ip, record.port()), name);
            }
        }
        return names;
    }

    private Answer absent(String reason) {
        return absence.on(spec().keep()) ? new Gone(reason, spec().retry()) : failed(reason);
    }

    private Answer failed(String reason) {
        return new Failed(reason, spec().retry());
    }

    private ResolverSpec spec() {
        return resolver.get().spec();
    }
}
