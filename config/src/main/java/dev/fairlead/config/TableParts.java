package dev.fairlead.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a record says of a mapping of the file, by its components and their annotations. `entries` are the components,
/// `keys` those that the file may have; `shorthand` is there if it may be one plain value.
record TableParts(
        Constructor<? extends Record> constructor,
        List<Shape.Entry> entries,
        List<Shape.Entry> keys,
        @Nullable String shorthand) {
    /// `around`: the records of which this one is a part.
    static TableParts of(Class<? extends Record> type, Set<Class<?>> around) {
        Set<Class<?>> within = new HashSet<>(around);
        within.add(type);
        List<Shape.Entry> entries = new ArrayList<>();
        List<Class<?>> types = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Key note = Objects.requireNonNull(component.getAnnotation(Key.class), () -> component + " has no @Key");
            entries.add(new Shape.Entry(word(component, note), note, shape(component.getGenericType(), note, within)));
            types.add(component.getType());
        }
        List<Shape.Entry> keys = entries.stream()
                .filter(each -> !each.isName())
                .flatMap(each -> each.isInline() && each.shape() instanceof Shape.Table inline
                        ? inline.keys().stream()
                        : Stream.of(each))
                .toList();
        Scalar scalar = type.getAnnotation(Scalar.class);
        try {
            return new TableParts(
                    type.getDeclaredConstructor(types.toArray(Class[]::new)),
                    List.copyOf(entries),
                    keys,
                    scalar == null ? null : scalar.value());
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its constructor: " + type, e);
        }
    }

    static String word(RecordComponent component, Key note) {
        return note.key().isEmpty() ? Shape.kebab(component.getName()) : note.key();
    }

    private static Shape shape(Type type, Key note, Set<Class<?>> around) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == Map.class
                    ? new Shape.MapOf(shape(arguments[1], note, around))
                    : new Shape.ListOf(
                            shape(arguments[0], note, around),
                            note.min().isEmpty() ? 0 : Integer.parseInt(note.min()),
                            note.orOne());
        }
        Class<?> plain = (Class<?>) type;
        if (plain == Address.class || plain == AddressRange.class || plain == EndpointAddress.class) {
            return Shape.Plain.of(note.form(), plain, note);
        }
        if (plain == StatusRange.class) {
            return Shape.Plain.of(Form.STATUS, plain, note);
        }
        if (plain == FileContent.class) {
            return Shape.Plain.of(Form.FILE_CONTENT, plain, note);
        }
        if (plain == MediaRange.class) {
            return Shape.Plain.of(Form.MEDIA_RANGE, plain, note);
        }
        if (plain == Cidr.class) {
            return Shape.Plain.of(Form.CIDR, plain, note);
        }
        if (plain.isRecord()) {
            Class<? extends Record> inner = plain.asSubclass(Record.class);
            return around.contains(inner) ? new Shape.Again(inner) : new Shape.Table(inner, around);
        }
        if (plain.isSealed()) {
            return oneOf(plain, around);
        }
        return Shape.Plain.of(form(plain, note), plain, note);
    }

    private static Shape.OneOf oneOf(Class<?> type, Set<Class<?>> around) {
        List<Shape.Table> kinds = Arrays.stream(type.getPermittedSubclasses())
                .map(each -> new Shape.Table(each.asSubclass(Record.class), around))
                .toList();
        return new Shape.OneOf(
                type, Objects.requireNonNull(kinds.getFirst().kind()).key(), kinds);
    }

    private static Form form(Class<?> type, Key note) {
        if (note.form() != Form.TEXT) {
            return note.form();
        }
        if (type == Duration.class) {
            return Form.DURATION;
        }
        if (type == int.class || type == long.class) {
            return Form.NUMBER;
        }
        if (type == boolean.class || type == Boolean.class) {
            return Form.BOOLEAN;
        }
        return type.isEnum() ? Form.WORD : Form.TEXT;
    }
}
