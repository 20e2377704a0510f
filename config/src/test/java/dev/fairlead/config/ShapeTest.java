package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every annotated record of the config has to keep to.
class ShapeTest {
    private static List<Shape.Table> tables() {
        List<Shape.Table> tables = new ArrayList<>();
        collect(Shape.ROOT, tables);
        return tables;
    }

    private static void collect(Shape shape, List<Shape.Table> tables) {
        switch (shape) {
            case Shape.Plain _, Shape.Again _ -> {}
            case Shape.Table table -> {
                tables.add(table);
                table.entries().forEach(each -> collect(each.shape(), tables));
            }
            case Shape.OneOf oneOf -> oneOf.kinds().forEach(each -> collect(each, tables));
            case Shape.ListOf listOf -> collect(listOf.element(), tables);
            case Shape.MapOf mapOf -> collect(mapOf.element(), tables);
        }
    }

    @Test
    void optionalKeysAreExactlyTheNullableComponents() {
        for (Shape.Table table : tables()) {
            for (RecordComponent component : table.type().getRecordComponents()) {
                boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
                assertThat(component.getAnnotation(Key.class).optional())
                        .as("%s.%s", table.type().getSimpleName(), component.getName())
                        .isEqualTo(nullable);
            }
        }
    }

    @Test
    void everyNumberDurationAndSizeHasBothBounds() {
        for (Shape.Table table : tables()) {
            for (Shape.Entry entry : table.keys()) {
                if (entry.shape() instanceof Shape.Plain plain
                        && (plain.form() == Form.NUMBER
                                || plain.form() == Form.SIZE
                                || plain.form() == Form.DURATION)) {
                    assertThat(entry.note().min()).as(entry.key()).isNotEmpty();
                    assertThat(entry.note().max()).as(entry.key()).isNotEmpty();
                }
            }
        }
    }
}
