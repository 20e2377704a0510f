package dev.fairlead.config;

import java.lang.reflect.RecordComponent;

/// Which keys are numbers of bytes, and how the file writes these. For whoever writes a config out again.
public final class SizeKey {
    private SizeKey() {}

    public static boolean is(RecordComponent component) {
        Key note = component.getAnnotation(Key.class);
        return note != null && note.form() == Form.SIZE;
    }

    public static String write(long bytes) {
        return SizeText.write(bytes);
    }
}
