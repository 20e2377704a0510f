package dev.fairlead.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Makes records of YAML nodes, as their [Shape]s say. It goes through the whole file whatever it meets: a place
/// with a problem gets a stand-in value, so that everything around it is looked at too. A config with a problem is
/// never given out.
final class Binder {
    /// Aliases can make a small file a large config; this is where that ends.
    private static final int NODES_MAX = 2_000_000;

    /// What plain YAML has. `ENV_TAG` is how the library marks a value that is one `${...}`.
    private static final Set<Tag> TAGS =
            Set.of(Tag.MAP, Tag.SEQ, Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.ENV_TAG);

    private final Problems problems;
    private final Substitution substitution;
    private final @Nullable Path folder;
    private int nodes;
    /// How many records the one that is bound now has around it that are of its own type.
    private int depth;

    /// `folder` is where files are that are named without a way from the root; null: where the process stands.
    Binder(Problems problems, Map<String, String> environment, @Nullable Path folder) {
        this.folder = folder;
        this.problems = problems;
        this.substitution = new Substitution(environment);
    }

    /// The config, perhaps with stand-ins; null when the file is no mapping at all.
    @Nullable
    Config config(Node root) {
        return (Config) table(Shape.ROOT, root, Place.root(root));
    }

    /// A list of endpoints that is a file of its own, perhaps with stand-ins.
    List<EndpointSpec> endpoints(Node root) {
        Shape.ListOf shape = new Shape.ListOf(Shape.table(EndpointSpec.class), 0, false);
        List<?> bound = (List<?>) bind(shape, root, Place.root(root));
        return bound == null
                ? List.of()
                : bound.stream().map(EndpointSpec.class::cast).toList();
    }

    private @Nullable Object bind(Shape shape, Node node, Place place) {
        if (++nodes > NODES_MAX) {
            if (nodes == NODES_MAX + 1) {
                problems.error(place.head(), place.path(), "more than " + NODES_MAX + " values, aliases included");
            }
            return null;
        }
        if (!TAGS.contains(node.getTag())) {
            problems.error(node, place.path(), "the YAML tag `" + node.getTag().getValue() + "` means nothing here");
            return null;
        }
        if (node.getTag().equals(Tag.NULL)) {
            problems.error(place.head(), place.path(), "there is no value; give one, or leave the key out");
            return null;
        }
        return switch (shape) {
            case Shape.Plain plain -> plain(plain, node, place);
            case Shape.Table table -> table(table, node, place);
            case Shape.OneOf oneOf -> oneOf(oneOf, node, place);
            case Shape.ListOf listOf -> list(listOf, node, place);
            case Shape.MapOf mapOf -> map(mapOf, node, place);
            case Shape.Again again -> again(again, node, place);
        };
    }

    private @Nullable Object again(Shape.Again again, Node node, Place place) {
        if (depth >= Shape.Again.DEPTH_MAX) {
            problems.error(node, place.path(), "nested more than " + Shape.Again.DEPTH_MAX + " deep");
            return null;
        }
        depth++;
        try {
            return table(again.table(), node, place);
        } finally {
            depth--;
        }
    }

    private @Nullable Object plain(Shape.Plain plain, Node node, Place place) {
        if (!(node instanceof ScalarNode scalar)) {
            problems.error(node, place.path(), "expected " + plain.expected() + ", found " + kind(node));
            return null;
        }
        try {
            String text = scalar.getValue();
            if (Substitution.concerns(text)) {
                return plain.read(placed(plain, substitution.apply(text)));
            }
            checkType(plain, scalar);
            return plain.read(placed(plain, text));
        } catch (Malformed e) {
            problems.error(node, place.path(), e.sentence());
            return null;
        }
    }

    private String placed(Shape.Plain plain, String text) {
        if (folder == null || !plain.form().isFile() || text.isEmpty()) {
            return text;
        }
        try {
            return folder.resolve(text).normalize().toString();
        } catch (InvalidPathException notInThisLocale) {
            return text;
        }
    }

    /// Keeps to what JSON, and so the schema, tells apart: a number is written without quotes, a text that looks
    /// like a number or a boolean with them.
    private static void checkType(Shape.Plain plain, ScalarNode scalar) throws Malformed {
        boolean isText = scalar.getTag().equals(Tag.STR);
        boolean isInteger = scalar.getTag().equals(Tag.INT);
        String value = scalar.getValue();
        if (plain.form() == Form.NUMBER && isText) {
            throw new Malformed("expected a whole number, found the text `" + value + "`");
        }
        boolean isTruth = scalar.getTag().equals(Tag.BOOL);
        if (plain.form() == Form.BOOLEAN && isText) {
            throw new Malformed("expected `true` or `false` without quotes, found the text `" + value + "`");
        }
        if (plain.form() == Form.DURATION || (plain.form() == Form.BOOLEAN && isTruth)) {
            return;
        }
        if (!isText && !(isInteger && plain.form().takesNumbers())) {
            String quotes = plain.form().takesNumbers() ? "" : "; as text it is written `\"" + value + "\"`";
            throw new Malformed("expected " + plain.expected() + ", found `" + value + "`" + quotes);
        }
    }

    private @Nullable Object table(Shape.Table table, Node node, Place place) {
        String shorthand = table.shorthand();
        if (shorthand != null
                && (node instanceof ScalarNode || node instanceof SequenceNode && table.isListInShort())) {
            return shorthand(table, shorthand, node, place);
        }
        if (!(node instanceof MappingNode mapping)) {
            problems.error(node, place.path(), "expected a mapping with " + keys(table) + ", found " + kind(node));
            return null;
        }
        Map<String, NodeTuple> given = given(mapping, place);
        List<String> known = new ArrayList<>();
        table.keys().forEach(each -> known.add(each.key()));
        if (table.kind() != null) {
            known.add(table.kind().key());
        }
        given.forEach((word, tuple) -> {
            if (!known.contains(word)) {
                unknownKey(word, tuple, known, place);
            }
        });
        return record(table, given, place);
    }

    /// The record of these keys; what it has inline is made of the same.
    private Record record(Shape.Table table, Map<String, NodeTuple> given, Place place) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Shape.Entry entry : table.entries()) {
            values.add(
                    entry.shape() instanceof Shape.Table inline && entry.isInline()
                            ? record(inline, given, place)
                            : component(entry, given.get(entry.key()), place));
        }
        return table.make(values);
    }

    private Object shorthand(Shape.Table table, String key, Node node, Place place) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Shape.Entry entry : table.entries()) {
            Object value = entry.key().equals(key) ? bind(entry.shape(), node, place) : absent(entry, place);
            values.add(value == null && !entry.isOptional() ? entry.shape().standIn() : value);
        }
        return table.make(values);
    }

    private @Nullable Object component(Shape.Entry entry, @Nullable NodeTuple tuple, Place place) {
        if (entry.isName()) {
            return place.name();
        }
        if (tuple == null) {
            if (entry.isRequired()) {
                problems.error(
                        place.head(), place.path() + "/" + entry.key(), "the key `" + entry.key() + "` is missing");
                return entry.shape().standIn();
            }
            return absent(entry, place);
        }
        Object value = bind(entry.shape(), tuple.getValueNode(), place.key(tuple.getKeyNode(), entry.key()));
        return value == null && !entry.isOptional() ? entry.shape().standIn() : value;
    }

    /// The value of a key that the file does not have.
    private static @Nullable Object absent(Shape.Entry entry, Place place) {
        if (entry.isOptional()) {
            return null;
        }
        if (entry.isNamedByPlace() || entry.isName()) {
            return place.name();
        }
        return entry.shape().standIn();
    }

    private @Nullable Object oneOf(Shape.OneOf oneOf, Node node, Place place) {
        if (!(node instanceof MappingNode mapping)) {
            problems.error(
                    node, place.path(), "expected a mapping with the key `" + oneOf.key() + "`, found " + kind(node));
            return null;
        }
        String path = place.path() + "/" + oneOf.key();
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(oneOf.key())) {
                Shape.Table kind = kind(oneOf, tuple.getValueNode(), path);
                return kind == null ? null : table(kind, node, place);
            }
        }
        missing(oneOf, mapping, place);
        return null;
    }

    /// The key that decides is missing, or it is there and misspelt.
    private void missing(Shape.OneOf oneOf, MappingNode mapping, Place place) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key
                    && !Nearest.hint(key.getValue(), List.of(oneOf.key())).isEmpty()) {
                unknownKey(key.getValue(), tuple, List.of(oneOf.key()), place);
                return;
            }
        }
        String words = Nearest.list(oneOf.words(), "or");
        problems.error(
                place.head(), place.path() + "/" + oneOf.key(), "the key `" + oneOf.key() + "` is missing: " + words);
    }

    private Shape.@Nullable Table kind(Shape.OneOf oneOf, Node node, String path) {
        String expected = "expected " + Nearest.list(oneOf.words(), "or");
        if (!(node instanceof ScalarNode scalar)) {
            problems.error(node, path, expected + ", found " + kind(node));
            return null;
        }
        // No variable here: the word decides which keys may stand beside it, and a value must not change the structure.
        String word = scalar.getValue();
        int at = oneOf.words().indexOf(word);
        if (at >= 0) {
            return oneOf.kinds().get(at);
        }
        problems.error(node, path, expected + ", found `" + word + "`" + Nearest.hint(word, oneOf.words()));
        return null;
    }

    private @Nullable Object list(Shape.ListOf listOf, Node node, Place place) {
        if (listOf.orOne() && node instanceof ScalarNode) {
            Object only = bind(listOf.element(), node, place);
            return only == null ? null : List.of(only);
        }
        if (!(node instanceof SequenceNode sequence)) {
            problems.error(node, place.path(), "expected a list, found " + kind(node));
            return null;
        }
        if (sequence.getValue().size() < listOf.least()) {
            problems.error(node, place.path(), "the list is too short: it needs at least " + listOf.least());
        }
        List<Object> values = new ArrayList<>();
        int index = 0;
        for (Node item : sequence.getValue()) {
            Object value = bind(listOf.element(), item, place.item(item, index));
            index++;
            // Routes and endpoints keep their numbers, so that checks find their places.
            Object kept = value == null ? listOf.element().standIn() : value;
            if (kept != null) {
                values.add(kept);
            }
        }
        return values;
    }

    private @Nullable Object map(Shape.MapOf mapOf, Node node, Place place) {
        if (!(node instanceof MappingNode mapping)) {
            problems.error(node, place.path(), "expected a mapping of names, found " + kind(node));
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        given(mapping, place).forEach((word, tuple) -> {
            Place entry = place.named(tuple.getKeyNode(), word);
            try {
                Form.NAME.read(word);
            } catch (Malformed e) {
                problems.error(tuple.getKeyNode(), entry.path(), e.sentence());
            }
            Object value = bind(mapOf.element(), tuple.getValueNode(), entry);
            if (value != null) {
                values.put(word, value);
            }
        });
        return values;
    }

    /// The keys of a mapping, each once; what is no plain key or comes twice is told.
    private Map<String, NodeTuple> given(MappingNode mapping, Place place) {
        Map<String, NodeTuple> given = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node key = tuple.getKeyNode();
            if (!(key instanceof ScalarNode scalar)) {
                problems.error(key, place.path(), "expected a key, found " + kind(key));
                continue;
            }
            String word = scalar.getValue();
            int line = key.getStartMark().orElseThrow().getLine() + 1;
            Integer first = lines.putIfAbsent(word, line);
            if (first == null) {
                given.put(word, tuple);
            } else {
                problems.error(
                        key,
                        place.path() + "/" + YamlText.escaped(word),
                        "`" + word + "` stands twice; the first is on line " + first);
            }
        }
        return given;
    }

    private void unknownKey(String word, NodeTuple tuple, List<String> known, Place place) {
        String hint = Nearest.hint(word, known);
        String message = "unknown key `" + word + "`" + (hint.isEmpty() ? "; known here: " + list(known) : hint);
        problems.error(tuple.getKeyNode(), place.path() + "/" + YamlText.escaped(word), message);
    }

    private static String keys(Shape.Table table) {
        return "keys such as "
                + list(table.keys().stream().map(Shape.Entry::key).toList());
    }

    private static String list(List<String> words) {
        return Nearest.list(words, "and");
    }

    private static String kind(Node node) {
        return switch (node.getNodeType()) {
            case MAPPING -> "a mapping";
            case SEQUENCE -> "a list";
            case SCALAR -> "`" + ((ScalarNode) node).getValue() + "`";
            case ANCHOR -> "an alias";
        };
    }
}
