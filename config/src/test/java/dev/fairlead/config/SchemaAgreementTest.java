package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The published schema and the binder say yes to the same files, but for mistakes marked as beyond a schema.
class SchemaAgreementTest {
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(ConfigSchema.json());

    static List<Case> cases() {
        return Case.all().stream().filter(SchemaAgreementTest::isJson).toList();
    }

    private static boolean isJson(Case one) {
        return !one.isBeyondJson()
                && one.read().problems().stream()
                        .noneMatch(each -> each.message().startsWith("not YAML"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void acceptsWhatTheBinderAccepts(Case one) {
        boolean accepted = !one.read().hasErrors();

        List<com.networknt.schema.Error> complaints = SCHEMA.validate(json(one.input()), InputFormat.JSON);

        if (accepted || one.isBeyondTheSchema()) {
            assertThat(complaints).isEmpty();
        } else {
            assertThat(complaints).isNotEmpty();
        }
    }

    private static String json(String yaml) {
        LoadSettings settings =
                LoadSettings.builder().setSchema(new CoreSchema()).build();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            write(new Load(settings).loadFromString(yaml), json);
        } catch (YamlEngineException e) {
            throw new AssertionError(yaml, e);
        }
        return text.toString();
    }

    private static void write(Object value, JsonGenerator json) {
        switch (value) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                map.forEach((key, each) -> {
                    json.writeName(String.valueOf(key));
                    write(each, json);
                });
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                list.forEach(each -> write(each, json));
                json.writeEndArray();
            }
            case null -> json.writeNull();
            case Boolean truth -> json.writeBoolean(truth);
            case Double number -> json.writeNumber(number);
            case Number number -> json.writeRawValue(number.toString());
            default -> json.writeString(value.toString());
        }
    }
}
