package dev.fairlead.net;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The addresses from which a listener speaks to endpoints; none, and the system chooses. Any thread.
public record SourceAddresses(List<InetAddress> all) {
    public SourceAddresses {
        all = List.copyOf(all);
    }

    /// How many there are of the family of `to`, and so how often one may be tried after another.
    public int countFor(InetAddress to) {
        int count = 0;
        for (InetAddress each : all) {
            if (each.getClass() == to.getClass()) {
                count++;
            }
        }
        return count;
    }

    /// The number of one for a first try: any, which spreads the ports over all of them whatever endpoint is next.
    public int any() {
        return all.size() < 2 ? 0 : ThreadLocalRandom.current().nextInt(all.size());
    }

    /// The one with this number, counted round among those of the family of `to`; null when there is none.
    @Nullable
    InetAddress of(InetAddress to, int number) {
        int count = countFor(to);
        int left = count == 0 ? -1 : number % count;
        for (InetAddress each : all) {
            if (each.getClass() == to.getClass() && left-- == 0) {
                return each;
            }
        }
        return null;
    }
}
