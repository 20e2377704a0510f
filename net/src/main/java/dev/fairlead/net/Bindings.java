package dev.fairlead.net;

import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.ListenerSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The addresses that a listener has on sockets, and where the system has put those that left the port to it. The
/// control thread changes it; any thread may look.
public final class Bindings {
    private final Binder binder;
    private volatile Map<Address, InetSocketAddress> bound = Map.of();

    /// Who has the sockets.
    public interface Binder {
        /// Accepts there. Throws when the address cannot be had, and then nothing is left behind.
        InetSocketAddress bind(InetSocketAddress address) throws IOException;

        /// Accepts no more where it has bound.
        void release(InetSocketAddress address);
    }

    public Bindings(Binder binder) {
        this.binder = binder;
    }

    /// Binds what the listener has and what is not bound yet. Throws when one cannot be had; all is then as before.
    public void widen(ListenerSpec spec) throws IOException {
        Map<Address, InetSocketAddress> now = new LinkedHashMap<>(bound);
        List<InetSocketAddress> fresh = new ArrayList<>();
        for (Address each : spec.eachAddress()) {
            if (now.containsKey(each)) {
                continue;
            }
            try {
                InetSocketAddress got = binder.bind(each.socketAddress());
                fresh.add(got);
                now.put(each, got);
            } catch (IOException taken) {
                fresh.forEach(binder::release);
                throw new AddressTaken(each, taken);
            }
        }
        bound = Collections.unmodifiableMap(now);
    }

    /// Lets go of what the listener has not.
    public void narrow(ListenerSpec spec) {
        Set<Address> kept = new HashSet<>(spec.eachAddress());
        Map<Address, InetSocketAddress> now = new LinkedHashMap<>(bound);
        now.keySet().retainAll(kept);
        bound.forEach((address, got) -> {
            if (!kept.contains(address)) {
                binder.release(got);
            }
        });
        bound = Collections.unmodifiableMap(now);
    }

    public List<InetSocketAddress> all() {
        return List.copyOf(bound.values());
    }

    /// The addresses of the listener, with the ports that they have got.
    public List<AddressRange> ranges(ListenerSpec spec) {
        Map<Address, InetSocketAddress> now = bound;
        if (now.isEmpty()) {
            throw new IllegalStateException("not started: " + spec.name());
        }
        List<AddressRange> all = new ArrayList<>();
        for (AddressRange each : spec.addresses()) {
            InetSocketAddress got = now.get(each.first());
            all.add(each.ports() > 1 || got == null ? each : AddressRange.of(got));
        }
        return List.copyOf(all);
    }
}
