package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Asks of the host, without the port. A name may end with the root's dot: it is the same name.
interface HostCriterion extends Criterion {
    /// `bytes[from, to)` is the host.
    boolean holds(byte[] bytes, int from, int to);

    @Override
    default boolean holds(RequestHead request, Client client) {
        return holds(request.fields().bytes(), request.authorityStart(), end(request));
    }

    /// Where the host ends, the root's dot left out.
    static int end(RequestHead request) {
        int end = request.hostEnd();
        return end > request.authorityStart() && request.fields().bytes()[end - 1] == '.' ? end - 1 : end;
    }

    static HostCriterion of(Condition.Host host) {
        byte[] key = key(host);
        return host.isWildcard() ? new Below(key) : new Is(key);
    }

    /// The name, or the suffix with its dot.
    static byte[] key(Condition.Host host) {
        String text = host.isWildcard() ? host.pattern().substring(1) : host.pattern();
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    record Is(byte[] name) implements HostCriterion {
        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            return Ascii.equalsIgnoreCase(bytes, from, to, name);
        }
    }

    /// `suffix` begins with its dot.
    record Below(byte[] suffix) implements HostCriterion {
        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            return to - from > suffix.length && Ascii.equalsIgnoreCase(bytes, to - suffix.length, to, suffix);
        }
    }

    record Like(Regex regex) implements HostCriterion {
        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            byte[] lower = Arrays.copyOfRange(bytes, from, to);
            for (int i = 0; i < lower.length; i++) {
                lower[i] = Ascii.lower(lower[i]);
            }
            return regex.fits(lower, 0, lower.length);
        }
    }
}
