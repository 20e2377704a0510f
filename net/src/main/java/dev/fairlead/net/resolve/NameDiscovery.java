package dev.fairlead.net.resolve;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.NamedAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The endpoints of one DNS name: every address that it has.
final class NameDiscovery implements Discovery {
    private final NamedAddress name;
    private final Supplier<Resolver> resolver;
    private final AddressLookup lookup;

    NameDiscovery(NamedAddress name, Supplier<Resolver> resolver, LongSupplier nanoClock) {
        this.name = name;
        this.resolver = resolver;
        this.lookup = new AddressLookup(name.host(), resolver, nanoClock);
    }

    @Override
    public CompletionStage<Answer> ask() {
        return lookup.ask().thenApply(this::answer);
    }

    private Answer answer(AddressLookup.Addresses addresses) {
        String failure = addresses.failure();
        if (failure != null && addresses.isGone()) {
            return new Gone(failure, resolver.get().spec().retry());
        }
        // With nothing new in it, half a failure is a whole one.
        if (failure != null && addresses.ttlSeconds() == Long.MAX_VALUE) {
            return new Failed(failure, resolver.get().spec().retry());
        }
        List<EndpointSpec> endpoints = addresses.values().stream()
                .map(ip -> new EndpointSpec(name.at(ip), 1, 0))
                .toList();
        return new Found(
                endpoints,
                Ttl.again(
                        addresses.ttlSeconds(), failure == null, resolver.get().spec()));
    }
}
