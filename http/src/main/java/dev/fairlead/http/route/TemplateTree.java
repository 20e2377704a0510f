package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import org.jspecify.annotations.Nullable;

/// Path templates by their segments. A walk goes to each node once at most, and tries a fixed segment before a
/// variable, from the left: that is the order of templates. Filled at the start, then only read.
final class TemplateTree {
    private final Keys<TemplateTree> fixed = new Keys<>();
    private @Nullable TemplateTree variable;
    private @Nullable Leaf leaf;

    /// Where the entries of a template stand.
    Leaf leaf(Condition.PathTemplate template) {
        TemplateTree node = this;
        for (String segment : template.segments()) {
            node = node.child(PathCriterion.Shaped.fixed(segment));
        }
        if (node.leaf == null) {
            node.leaf = new Leaf();
        }
        return node.leaf;
    }

    private TemplateTree child(byte @Nullable [] segment) {
        if (segment == null) {
            if (variable == null) {
                variable = new TemplateTree();
            }
            return variable;
        }
        return fixed.getOrPut(segment, false, TemplateTree::new);
    }

    boolean isEmpty() {
        return fixed.isEmpty() && variable == null;
    }

    /// `from` is where a segment begins.
    @Nullable
    Entry match(byte[] bytes, int from, int to, RequestHead request, Client client) {
        int hash = Keys.EMPTY;
        int end = from;
        while (end < to && bytes[end] != '/') {
            hash = Keys.hash(hash, bytes[end], false);
            end++;
        }
        TemplateTree same = fixed.isEmpty() ? null : fixed.get(bytes, from, end, hash, false);
        Entry found = same == null ? null : same.behind(bytes, end, to, request, client);
        if (found == null && variable != null && end > from) {
            found = variable.behind(bytes, end, to, request, client);
        }
        return found;
    }

    private @Nullable Entry behind(byte[] bytes, int end, int to, RequestHead request, Client client) {
        if (end < to) {
            return match(bytes, end + 1, to, request, client);
        }
        return leaf == null ? null : leaf.match(request, client);
    }
}
