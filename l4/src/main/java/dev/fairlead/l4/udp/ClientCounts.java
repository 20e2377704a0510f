package dev.fairlead.l4.udp;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// How many flows each client address has, over all loops. Asked when a flow begins and when it ends. Any thread.
final class ClientCounts {
    private final ConcurrentMap<Long, Integer> counts = new ConcurrentHashMap<>();

    /// What stands for a client: the address; in IPv6 its /64, of which a single host commonly has all.
    static long client(InetAddress address) {
        byte[] bytes = address.getAddress();
        // An IPv4 address stands where no /64 is: below ::ffff:0:0/96 as IPv6 maps it.
        long client = bytes.length == 4 ? 0xffffL : 0;
        for (int i = 0; i < Math.min(bytes.length, 8); i++) {
            client = client << 8 | (bytes[i] & 0xff);
        }
        return client;
    }

    /// False when the client has `max` already. Else given back by [#leave].
    boolean tryEnter(long client, int max) {
        while (true) {
            Integer now = counts.get(client);
            if (now == null) {
                if (counts.putIfAbsent(client, 1) == null) {
                    return true;
                }
            } else if (now >= max) {
                return false;
            } else if (counts.replace(client, now, now + 1)) {
                return true;
            }
        }
    }

    void leave(long client) {
        while (true) {
            Integer now = counts.get(client);
            if (now == null) {
                throw new IllegalStateException("a client that left before");
            }
            if (now == 1 ? counts.remove(client, now) : counts.replace(client, now, now - 1)) {
                return;
            }
        }
    }

    int size() {
        return counts.size();
    }
}
