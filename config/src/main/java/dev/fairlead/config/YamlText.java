package dev.fairlead.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// A YAML 1.2 text as a tree of nodes that know their places. Duplicate keys are left to the [Binder], which can
/// say where the first one stands.
final class YamlText {
    /// Aliases of mappings and lists: one probe shared by some thousand upstreams is fair use.
    private static final int ALIASES_MAX = 10_000;

    private static final String INDEX_PROPERTY = "fairlead index";
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");

    private YamlText() {}

    /// The root, or null when the problem is told.
    static @Nullable Node parse(String text, String fileName, Problems problems) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(fileName)
                .setSchema(new CoreSchema())
                .setMaxAliasesForCollections(ALIASES_MAX)
                .setAllowNonScalarKeys(true)
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        try {
            StreamReader reader = new StreamReader(settings, text);
            Optional<Node> root =
                    new Composer(settings, new DepthLimit(new ParserImpl(settings, reader))).getSingleNode();
            if (root.isEmpty()) {
                problems.error(1, 1, "", "the file is empty; the least is `listeners` and `upstreams`");
            }
            return root.orElse(null);
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            int line = mark.map(Mark::getLine).orElse(0) + 1;
            problems.error(line, mark.map(Mark::getColumn).orElse(0) + 1, "", complaint(e, text, line));
        } catch (ReaderException e) {
            placeOf(e, text, problems);
        } catch (RuntimeException e) {
            // The parser's own faults too are the file's problem: a reload must not end in an exception.
            problems.error(1, 1, "", "the YAML cannot be read: " + e.getMessage());
        }
        return null;
    }

    private static String complaint(MarkedYamlEngineException e, String text, int line) {
        String context = e.getContext() == null || e.getContext().isEmpty() ? "" : e.getContext() + ", ";
        boolean braces = text.lines().skip(line - 1L).findFirst().orElse("").contains("${");
        String hint = braces ? "; inside `[ ]` and `{ }` a `${NAME}` stands in quotes" : "";
        return "not YAML: " + context + e.getProblem().strip() + hint;
    }

    private static void placeOf(ReaderException e, String text, Problems problems) {
        int end = Math.min(text.length(), Math.max(0, e.getPosition()));
        String before = text.substring(0, end);
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = end - before.lastIndexOf('\n');
        problems.error(
                line, column, "", "the character U+%04X may not stand in a YAML file".formatted(e.getCodePoint()));
    }

    /// The node at a JSON Pointer, or the nearest one above it that the file has.
    static Node at(Node root, String path) {
        Node node = root;
        for (String step : path.isEmpty() ? new String[0] : path.substring(1).split("/", -1)) {
            Node next = child(node, unescaped(step), false);
            if (next == null) {
                return node;
            }
            node = next;
        }
        return node;
    }

    /// Whether the file has the key at a JSON Pointer, in a mapping that it has.
    static boolean isWritten(Node root, String path) {
        return !at(root, path).equals(at(root, path.substring(0, path.lastIndexOf('/'))));
    }

    /// The key at a JSON Pointer, or the node itself where there is none (a list's element).
    static Node keyAt(Node root, String path) {
        int slash = path.lastIndexOf('/');
        if (slash < 0) {
            return root;
        }
        Node key = child(at(root, path.substring(0, slash)), unescaped(path.substring(slash + 1)), true);
        return key == null ? at(root, path) : key;
    }

    /// One step of a JSON Pointer: RFC 6901 §3.
    static String escaped(String step) {
        return step.replace("~", "~0").replace("/", "~1");
    }

    private static String unescaped(String step) {
        return step.replace("~1", "/").replace("~0", "~");
    }

    /// What stands under each word, the first of several; made once for each mapping, of which some are looked into for
    /// each of their thousand keys.
    @SuppressWarnings("unchecked") // Nobody else puts anything there.
    private static Map<String, NodeTuple> index(MappingNode mapping) {
        Object known = mapping.getProperty(INDEX_PROPERTY);
        if (known != null) {
            return (Map<String, NodeTuple>) known;
        }
        Map<String, NodeTuple> index = HashMap.newHashMap(mapping.getValue().size());
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode word) {
                index.putIfAbsent(word.getValue(), tuple);
            }
        }
        mapping.setProperty(INDEX_PROPERTY, index);
        return index;
    }

    private static @Nullable Node child(Node node, String step, boolean key) {
        if (node instanceof MappingNode mapping) {
            NodeTuple tuple = index(mapping).get(step);
            return tuple == null ? null : key ? tuple.getKeyNode() : tuple.getValueNode();
        }
        if (node instanceof SequenceNode list && INDEX.matcher(step).matches()) {
            int index = Integer.parseInt(step);
            return index < list.getValue().size() ? list.getValue().get(index) : null;
        }
        return null;
    }
}
