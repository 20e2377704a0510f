package dev.fairlead.config;

import java.lang.reflect.RecordComponent;

/// Which records stand in the file without a key of their own: their keys are written beside those of the record
/// around them. For whoever writes a config out again.
public final class Inline {
    private Inline() {}

    public static boolean is(RecordComponent component) {
        Key note = component.getAnnotation(Key.class);
        return note != null && note.inline();
    }
}
