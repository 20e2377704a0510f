package dev.fairlead.config;

import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What may stand at one place of the file, read from the records and their annotations: the one model behind the
/// binder, the schema and the reference page.
sealed interface Shape {
    /// The whole file.
    Table ROOT = table(Config.class);

    /// One scalar. `least`, `most` and `absent` are the texts of its [Key] as values.
    record Plain(
            Form form,
            Class<?> type,
            Key note,
            @Nullable Object least,
            @Nullable Object most,
            @Nullable Object absent) implements Shape {
        static Plain of(Form form, Class<?> type, Key note) {
            try {
                // Else they bound the list that it is in.
                boolean isMeasure = form == Form.NUMBER || form == Form.DURATION || form == Form.SIZE;
                Object least = note.min().isEmpty() || !isMeasure ? null : form.read(note.min());
                Object most = note.max().isEmpty() || !isMeasure ? null : form.read(note.max());
                Plain bare = new Plain(form, type, note, least, most, null);
                return note.absent().isEmpty()
                        ? bare
                        : new Plain(form, type, note, least, most, bare.read(note.absent()));
            } catch (Malformed e) {
                throw new IllegalStateException("a text of " + note, e);
            }
        }

        /// The value in the component's own type, within the bounds of its [Key].
        Object read(String text) throws Malformed {
            if (type.isEnum()) {
                return word(text);
            }
            Object value = form.read(text);
            check(text, value);
            return type == int.class ? (Object) Math.toIntExact((Long) value) : value;
        }

        /// The words of an enum, as the file writes them; empty for any other type.
        List<String> words() {
            return type.isEnum()
                    ? Arrays.stream(type.getEnumConstants())
                            .map(each -> kebab(((Enum<?>) each).name()))
                            .toList()
                    : List.of();
        }

        /// Any value of the type, for a config that is not given out.
        Object some() {
            return switch (form) {
                case TEXT,
                        LINES,
                        NAME,
                        TABLE_NAME,
                        NAME_OR_START,
                        HOST,
                        HOST_PATTERN,
                        DNS_NAME,
                        FILE,
                        PINS,
                        SERVER_NAME,
                        METHOD,
                        PROTOCOL,
                        PATH,
                        TARGET,
                        SOURCE,
                        IP,
                        EMAIL,
                        URL,
                        PATH_TEMPLATE,
                        PATH_PATTERN,
                        REGEX,
                        HEX -> "";
                case FILE_CONTENT -> new FileContent("", new byte[0]);
                case MEDIA_RANGE -> new MediaRange("*", "*", Map.of());
                // Port 0 clashes with nothing.
                case LISTEN_ADDRESS, ENDPOINT_ADDRESS, SERVER_ADDRESS ->
                    new Address(InetAddress.getLoopbackAddress(), 0);
                case LISTEN_RANGE -> new AddressRange(InetAddress.getLoopbackAddress(), 0, 0);
                case CIDR ->
                    new Cidr(
                            InetAddress.getLoopbackAddress(),
                            8 * InetAddress.getLoopbackAddress().getAddress().length);
                case DURATION -> Duration.ZERO;
                case BOOLEAN -> false;
                case SIZE, NUMBER -> type == int.class ? (Object) 0 : (Object) 0L;
                case STATUS -> new StatusRange(200, 200);
                case WORD -> type.getEnumConstants()[0];
            };
        }

        String expected() {
            return type.isEnum() ? words("or") : form.expected();
        }

        private String words(String last) {
            return Nearest.list(words(), last);
        }

        private Object word(String text) throws Malformed {
            int at = words().indexOf(text);
            if (at < 0) {
                throw new Malformed("expected " + words("or") + ", found `" + text + "`" + Nearest.hint(text, words()));
            }
            return type.getEnumConstants()[at];
        }

        private void check(String text, Object value) throws Malformed {
            if (least != null && compare(value, least) < 0) {
                throw new Malformed("`" + text + "` is below the least, " + note.min());
            }
            if (most != null && compare(value, most) > 0) {
                throw new Malformed("`" + text + "` is above the most, " + note.max());
            }
        }

        private static int compare(Object value, Object bound) {
            return value instanceof Duration duration
                    ? duration.compareTo((Duration) bound)
                    : Long.compare((Long) value, (Long) bound);
        }
    }

    /// A mapping with fixed keys: a record. It is looked into when somebody first asks: of all that a file may have,
    /// one file has little. Whoever asks in the same moment finds the same.
    final class Table implements Shape {
        private final Class<? extends Record> type;
        private final Set<Class<?>> around;
        private @Nullable TableParts parts;
        private @Nullable Record defaults;

        /// `around`: the records of which this one is a part.
        Table(Class<? extends Record> type, Set<Class<?>> around) {
            this.type = type;
            this.around = around;
        }

        Class<? extends Record> type() {
            return type;
        }

        /// There if it is one of several.
        @Nullable
        Kind kind() {
            return type.getAnnotation(Kind.class);
        }

        /// The components of the record.
        List<Entry> entries() {
            return parts().entries();
        }

        /// Those that the file may have.
        List<Entry> keys() {
            return parts().keys();
        }

        /// There if it may be one plain value.
        @Nullable
        String shorthand() {
            return parts().shorthand();
        }

        /// Whether what stands for it in short is a list.
        boolean isListInShort() {
            String shorthand = shorthand();
            return entries().stream().anyMatch(each -> each.key().equals(shorthand) && each.shape() instanceof ListOf);
        }

        Record make(List<@Nullable Object> values) {
            try {
                return parts().constructor().newInstance(values.toArray());
            } catch (InvocationTargetException | InstantiationException | IllegalAccessException e) {
                throw new IllegalStateException("cannot make " + type, e);
            }
        }

        /// The record of a file that does not have this mapping: one for all places.
        Record defaults() {
            Record known = defaults;
            if (known == null) {
                List<@Nullable Object> values = new ArrayList<>();
                for (Entry each : entries()) {
                    values.add(each.isOptional() ? null : each.shape().standIn());
                }
                known = make(values);
                defaults = known;
            }
            return known;
        }

        private TableParts parts() {
            TableParts known = parts;
            if (known == null) {
                known = TableParts.of(type, around);
                parts = known;
            }
            return known;
        }
    }

    /// One component of a record. What is asked of its note for each value of a file stands beside it: a note is a
    /// proxy, and there may be a hundred thousand endpoints.
    record Entry(
            String key,
            Key note,
            Shape shape,
            boolean isOptional,
            boolean isName,
            boolean isNamedByPlace,
            boolean isInline) {
        Entry(String key, Key note, Shape shape) {
            this(key, note, shape, note.optional(), note.isName(), note.namedByPlace(), note.inline());
        }

        boolean isRequired() {
            return switch (shape) {
                case Plain _, OneOf _ -> note.absent().isEmpty() && !isOptional && !isNamedByPlace;
                case ListOf listOf -> listOf.least > 0;
                case Table _, MapOf _, Again _ -> false;
            };
        }
    }

    /// A mapping whose key `key` chooses its kind: a sealed interface.
    record OneOf(Class<?> type, String key, List<Table> kinds) implements Shape {
        List<String> words() {
            return kinds.stream().map(OneOf::word).toList();
        }

        static String word(Table table) {
            return Objects.requireNonNull(table.kind(), "a kind without @Kind").word();
        }
    }

    /// `least`: how many elements it must have. `orOne`: whether the only one may stand there without brackets.
    record ListOf(Shape element, int least, boolean orOne) implements Shape {
        /// The list when there is none in the file: empty, or the one default.
        List<Object> absent() {
            return element instanceof Plain plain && plain.absent() != null ? List.of(plain.absent()) : List.of();
        }
    }

    /// A mapping whose keys are names.
    record MapOf(Shape element) implements Shape {}

    /// A record somewhere within itself, such as a match in `not`.
    record Again(Class<? extends Record> type) implements Shape {
        private static final Map<Class<?>, Table> TABLES = new ConcurrentHashMap<>();

        /// How often one may be within another: deeper than a person still follows.
        static final int DEPTH_MAX = 8;

        Table table() {
            return TABLES.computeIfAbsent(type, _ -> Shape.table(type));
        }
    }

    static Table table(Class<? extends Record> type) {
        return new Table(type, Set.of());
    }

    /// The default where there is one; else some value of the type, for a config that will not be given out.
    default @Nullable Object standIn() {
        return switch (this) {
            case Plain plain -> plain.absent() == null ? plain.some() : plain.absent();
            case Table table -> table.defaults();
            case OneOf _, Again _ -> null;
            case ListOf listOf -> listOf.absent();
            case MapOf _ -> Map.of();
        };
    }

    /// `idleTimeout` and `ROUND_ROBIN` as the file writes them: `idle-timeout`, `round-robin`.
    static String kebab(String name) {
        return name.contains("_") || name.equals(name.toUpperCase(Locale.ROOT))
                ? name.toLowerCase(Locale.ROOT).replace('_', '-')
                : name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
