package dev.fairlead.config;

import java.lang.reflect.RecordComponent;

/// The key that a component of a record has in the file. For whoever writes a config out again.
public final class KeyName {
    private KeyName() {}

    public static String of(RecordComponent component) {
        Key note = component.getAnnotation(Key.class);
        return note == null ? Shape.kebab(component.getName()) : TableParts.word(component, note);
    }
}
