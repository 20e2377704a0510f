package dev.fairlead.l4;

import org.jspecify.annotations.Nullable;

/// The flows of one plane on one loop, linked through themselves. That loop only.
final class Flows {
    private @Nullable Flow first;

    void add(Flow flow) {
        Flow head = first;
        flow.next = head;
        if (head != null) {
            head.previous = flow;
        }
        first = flow;
    }

    void remove(Flow flow) {
        Flow next = flow.next;
        Flow previous = flow.previous;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        flow.next = null;
        flow.previous = null;
    }

    void cutAll() {
        // Each takes itself off the list.
        for (Flow flow = first; flow != null; flow = first) {
            flow.cut();
        }
    }
}
