package dev.fairlead.net;

import dev.fairlead.config.ClientsSpec;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Who may connect to a listener, and how much. Immutable but for what the tables count; any thread.
final class ClientGate {
    private static final int ADDRESS = 0;
    private static final int PREFIX = 1;

    private final ClientsSpec spec;
    private final ClientLists lists;
    private final @Nullable ClientTable addresses;
    private final @Nullable ClientTable prefixes;

    /// Follows `before`, of which it keeps what is counted: as far as a table of this size counts it in this way.
    ClientGate(ClientsSpec spec, @Nullable ClientGate before) {
        this.spec = spec;
        this.lists = new ClientLists(spec.allow(), spec.deny());
        ClientGate same = before != null && before.spec.tableMax() == spec.tableMax() ? before : null;
        ClientGate samePrefix = same != null
                        && same.spec.ipv4Prefix() == spec.ipv4Prefix()
                        && same.spec.ipv6Prefix() == spec.ipv6Prefix()
                ? same
                : null;
        this.addresses = spec.perAddress().isOn() ? table(same == null ? null : same.addresses) : null;
        this.prefixes = spec.perPrefix().isOn() ? table(samePrefix == null ? null : samePrefix.prefixes) : null;
    }

    private ClientTable table(@Nullable ClientTable before) {
        return before == null ? new ClientTable(spec.tableMax()) : before;
    }

    /// Whether there are bounds for a client.
    boolean counts() {
        return addresses != null || prefixes != null;
    }

    /// What may be held against a connection of this client. Null: nothing, and then `visit` tells the tables when
    /// it is over.
    @Nullable
    Refusal ask(InetAddress client, Visit visit, long nowNanos) {
        if (!lists.admit(client)) {
            return Refusal.DENIED;
        }
        if (!counts()) {
            return null;
        }
        long high = 0;
        long low;
        boolean v4 = client instanceof Inet4Address;
        if (v4) {
            low = Integer.toUnsignedLong(client.hashCode());
        } else {
            byte[] bytes = client.getAddress();
            high = half(bytes, 0);
            low = half(bytes, Long.BYTES);
        }
        if (addresses != null) {
            // An IPv6 address is never ::a.b.c.d here: nothing is routed there.
            switch (addresses.open(high, low, spec.perAddress(), nowNanos, visit.clients, ADDRESS)) {
                case YES -> {}
                case TOO_MANY -> {
                    return Refusal.ADDRESS_CONNECTIONS;
                }
                case TOO_FAST -> {
                    return Refusal.ADDRESS_RATE;
                }
                case UNCOUNTED -> visit.uncounted = true;
            }
        }
        if (prefixes != null) {
            int bits = v4 ? 96 + spec.ipv4Prefix() : spec.ipv6Prefix();
            long highPart = bits >= 64 ? high : high & -1L << 64 - bits;
            long lowPart = bits <= 64 ? 0 : low & -1L << 128 - bits;
            switch (prefixes.open(highPart, lowPart, spec.perPrefix(), nowNanos, visit.clients, PREFIX)) {
                case YES -> {}
                case TOO_MANY -> {
                    visit.end();
                    return Refusal.PREFIX_CONNECTIONS;
                }
                case TOO_FAST -> {
                    visit.end();
                    return Refusal.PREFIX_RATE;
                }
                case UNCOUNTED -> visit.uncounted = true;
            }
        }
        return null;
    }

    /// One connection in the tables.
    static final class Visit {
        private final ClientTable.@Nullable Client[] clients = new ClientTable.Client[2];
        private boolean uncounted;

        boolean isUncounted() {
            return uncounted;
        }

        /// The connection is closed.
        void end() {
            for (int i = 0; i < clients.length; i++) {
                ClientTable.Client client = clients[i];
                clients[i] = null;
                if (client != null) {
                    client.close();
                }
            }
        }
    }

    private static long half(byte[] bytes, int from) {
        long half = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            half = half << 8 | bytes[i] & 0xff;
        }
        return half;
    }
}
