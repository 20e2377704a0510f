package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Asks of the path, in its normal form.
interface PathCriterion extends Criterion {
    /// `bytes[from, to)` is the path, never empty.
    boolean holds(byte[] bytes, int from, int to);

    @Override
    default boolean holds(RequestHead request, Client client) {
        int from = request.normalStart();
        int to = request.normalEnd();
        // RFC 9110 §4.2.3: an empty path is that of the root.
        return from == to ? holds(Is.ROOT, 0, 1) : holds(request.fields().bytes(), from, to);
    }

    record Is(byte[] path) implements PathCriterion {
        static final byte[] ROOT = {'/'};

        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            return Arrays.equals(bytes, from, to, path, 0, path.length);
        }
    }

    record Below(byte[] prefix) implements PathCriterion {
        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            int end = from + prefix.length;
            return to >= end
                    && Arrays.equals(bytes, from, end, prefix, 0, prefix.length)
                    && (to == end || bytes[end] == '/');
        }
    }

    record Like(Regex regex) implements PathCriterion {
        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            return regex.fits(bytes, from, to);
        }
    }

    /// Segments; null stands for a variable, which takes any segment but an empty one.
    record Shaped(byte[] @Nullable [] segments) implements PathCriterion {
        static Shaped of(Condition.PathTemplate template) {
            return new Shaped(template.segments().stream().map(Shaped::fixed).toArray(byte[][]::new));
        }

        /// The bytes of a segment that stays as it is; null for a variable.
        static byte @Nullable [] fixed(String segment) {
            return Condition.PathTemplate.isVariable(segment) ? null : segment.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean holds(byte[] bytes, int from, int to) {
            int start = from + 1;
            for (byte[] segment : segments) {
                if (start > to) {
                    return false;
                }
                int end = segmentEnd(bytes, start, to);
                boolean fits =
                        segment == null ? end > start : Arrays.equals(bytes, start, end, segment, 0, segment.length);
                if (!fits) {
                    return false;
                }
                start = end + 1;
            }
            return start == to + 1;
        }

        static int segmentEnd(byte[] bytes, int from, int to) {
            int end = from;
            while (end < to && bytes[end] != '/') {
                end++;
            }
            return end;
        }
    }
}
