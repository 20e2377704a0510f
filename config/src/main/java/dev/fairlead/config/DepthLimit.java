package dev.fairlead.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.parser.Parser;

/// A YAML parser that refuses to go deeper than any config does: the composer behind it calls itself for each
/// level, and a file of brackets must not end the thread's stack.
final class DepthLimit implements Parser {
    private static final int DEPTH_MAX = 64;

    private final Parser parser;
    private int depth;

    DepthLimit(Parser parser) {
        this.parser = parser;
    }

    @Override
    public Event next() {
        Event event = parser.next();
        switch (event.getEventId()) {
            case MappingStart, SequenceStart -> depth++;
            case MappingEnd, SequenceEnd -> depth--;
            // The enum is the library's: other events do not nest.
            default -> {}
        }
        if (depth > DEPTH_MAX) {
            throw new ParserException(
                    "", Optional.empty(), "nested more than " + DEPTH_MAX + " levels deep", event.getStartMark());
        }
        return event;
    }

    @Override
    public boolean hasNext() {
        return parser.hasNext();
    }

    @Override
    public boolean checkEvent(Event.ID id) {
        return parser.checkEvent(id);
    }

    @Override
    public Event peekEvent() {
        return parser.peekEvent();
    }
}
