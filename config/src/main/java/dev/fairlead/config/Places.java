package dev.fairlead.config;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// Where the parts of a file that was read stand in it.
public final class Places {
    private final String file;
    private final String text;
    private final @Nullable Node root;

    /// Without a root everything is on the first line.
    Places(String file, String text, @Nullable Node root) {
        this.file = file;
        this.text = text;
        this.root = root;
    }

    /// What is wrong with the value at a JSON Pointer, or where the file has none, around it.
    public Problem error(String path, String message) {
        var one = new Problems(file, text);
        if (root == null) {
            one.error(1, 1, path, message);
        } else {
            one.error(Checks.place(path, root), path, message);
        }
        return one.list().getFirst();
    }
}
