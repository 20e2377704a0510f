package dev.fairlead.config;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// Where a value stands: its JSON Pointer, the node that introduces it (its key), and the name that the records
/// around it have. Pointer and name are put together for those who ask; of most places nobody does. `step`: a key,
/// or the number of an element.
record Place(
        @Nullable Place above,
        Object step,
        Node head,
        @Nullable String ownName) {
    static Place root(Node root) {
        return new Place(null, "", root, "");
    }

    Place key(Node key, String word) {
        return new Place(this, word, key, null);
    }

    Place named(Node key, String word) {
        return new Place(this, word, key, word);
    }

    Place item(Node item, int index) {
        return new Place(this, index, item, null);
    }

    String path() {
        if (above == null) {
            return "";
        }
        return above.path() + "/" + (step instanceof String word ? YamlText.escaped(word) : step);
    }

    String name() {
        if (ownName != null || above == null) {
            return String.valueOf(ownName);
        }
        return step instanceof Integer index ? above.name() + "/" + (index + 1) : above.name();
    }
}
