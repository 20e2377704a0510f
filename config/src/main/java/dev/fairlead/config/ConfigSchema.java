package dev.fairlead.config;

import java.io.StringWriter;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// The JSON Schema (draft 2020-12) of the config file, for editors and for other people's checks. It refuses what
/// can be refused key by key; what compares several values ([Checks], bounds of durations) only Fairlead itself
/// finds.
public final class ConfigSchema {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    /// Plain forms that the schema can only describe as text of a pattern.
    private static final Set<Form> PATTERNS = EnumSet.complementOf(EnumSet.of(Form.NUMBER, Form.BOOLEAN, Form.WORD));

    private final JsonGenerator json;
    private final Set<Shape.Again> recursive = new LinkedHashSet<>();

    private ConfigSchema(JsonGenerator json) {
        this.json = json;
    }

    /// The schema as text, with a line end.
    public static String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(new Pretty(), text)) {
            new ConfigSchema(json).document();
        }
        return text + "\n";
    }

    private static final class Pretty extends ObjectWriteContext.Base {
        @Override
        public PrettyPrinter getPrettyPrinter() {
            DefaultIndenter lines = new DefaultIndenter("  ", "\n");
            return new DefaultPrettyPrinter().withObjectIndenter(lines);
        }
    }

    private void document() {
        json.writeStartObject();
        json.writeStringProperty("$schema", DIALECT);
        json.writeStringProperty("title", "Fairlead config");
        table(Shape.ROOT);
        json.writeObjectPropertyStart("$defs");
        json.writeObjectPropertyStart("environment");
        json.writeStringProperty("description", "A value with environment variables: `${NAME}` or `${NAME:-default}`.");
        json.writeStringProperty("type", "string");
        json.writeStringProperty("pattern", Substitution.PATTERN);
        json.writeEndObject();
        for (Form form : PATTERNS) {
            json.writeObjectPropertyStart(reference(form));
            json.writeStringProperty("description", form.expected());
            if (form.takesNumbers()) {
                types("integer", "string");
            } else {
                json.writeStringProperty("type", "string");
            }
            json.writeStringProperty("pattern", form.pattern());
            json.writeEndObject();
        }
        // Writing one may bring no other: a record within itself has its own kind only.
        for (Shape.Again again : List.copyOf(recursive)) {
            json.writeObjectPropertyStart(reference(again));
            table(again.table());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /// Inside an open object: what may stand there.
    private void shape(Shape shape) {
        switch (shape) {
            case Shape.Plain plain -> plain(plain);
            case Shape.Table table -> {
                String shorthand = table.shorthand();
                if (shorthand == null) {
                    table(table);
                } else {
                    shorthand(table, shorthand);
                }
            }
            case Shape.OneOf oneOf -> {
                json.writeStringProperty("type", "object");
                json.writeArrayPropertyStart("oneOf");
                oneOf.kinds().forEach(each -> {
                    json.writeStartObject();
                    table(each);
                    json.writeEndObject();
                });
                json.writeEndArray();
            }
            case Shape.ListOf listOf -> {
                if (listOf.orOne()) {
                    json.writeArrayPropertyStart("anyOf");
                    json.writeStartObject();
                    shape(listOf.element());
                    json.writeEndObject();
                    json.writeStartObject();
                    list(listOf);
                    json.writeEndObject();
                    json.writeEndArray();
                } else {
                    list(listOf);
                }
            }
            case Shape.Again again -> {
                recursive.add(again);
                json.writeStringProperty("$ref", "#/$defs/" + reference(again));
            }
            case Shape.MapOf mapOf -> {
                json.writeStringProperty("type", "object");
                json.writeObjectPropertyStart("propertyNames");
                json.writeStringProperty("pattern", Form.NAME.pattern());
                json.writeEndObject();
                json.writeObjectPropertyStart("additionalProperties");
                shape(mapOf.element());
                json.writeEndObject();
            }
        }
    }

    private void list(Shape.ListOf listOf) {
        json.writeStringProperty("type", "array");
        if (listOf.least() > 0) {
            json.writeNumberProperty("minItems", listOf.least());
        }
        json.writeObjectPropertyStart("items");
        shape(listOf.element());
        json.writeEndObject();
    }

    private void shorthand(Shape.Table table, String key) {
        json.writeArrayPropertyStart("anyOf");
        for (Shape.Entry entry : table.keys()) {
            if (entry.key().equals(key)) {
                json.writeStartObject();
                shape(entry.shape());
                json.writeEndObject();
            }
        }
        json.writeStartObject();
        table(table);
        json.writeEndObject();
        json.writeEndArray();
    }

    private void table(Shape.Table table) {
        Kind kind = table.kind();
        if (kind != null) {
            json.writeStringProperty("description", kind.doc());
        }
        json.writeStringProperty("type", "object");
        json.writeObjectPropertyStart("properties");
        if (kind != null) {
            json.writeObjectPropertyStart(kind.key());
            json.writeStringProperty("const", kind.word());
            json.writeEndObject();
        }
        for (Shape.Entry entry : table.keys()) {
            json.writeObjectPropertyStart(entry.key());
            json.writeStringProperty("description", entry.note().value());
            shape(entry.shape());
            json.writeEndObject();
        }
        json.writeEndObject();
        List<String> required = table.keys().stream()
                .filter(Shape.Entry::isRequired)
                .map(Shape.Entry::key)
                .toList();
        if (kind != null || !required.isEmpty()) {
            json.writeArrayPropertyStart("required");
            if (kind != null) {
                json.writeString(kind.key());
            }
            required.forEach(json::writeString);
            json.writeEndArray();
        }
        json.writeBooleanProperty("additionalProperties", false);
    }

    private void plain(Shape.Plain plain) {
        if (plain.form() == Form.NUMBER && plain.absent() instanceof Integer number) {
            json.writeNumberProperty("default", number);
        } else if (plain.absent() instanceof Boolean truth) {
            json.writeBooleanProperty("default", truth);
        } else if (plain.absent() != null) {
            json.writeStringProperty("default", plain.note().absent());
        }
        json.writeArrayPropertyStart("anyOf");
        json.writeStartObject();
        switch (plain.form()) {
            case WORD -> {
                json.writeArrayPropertyStart("enum");
                plain.words().forEach(json::writeString);
                json.writeEndArray();
            }
            case BOOLEAN -> json.writeStringProperty("type", "boolean");
            case NUMBER -> {
                json.writeStringProperty("type", "integer");
                bounds(plain);
            }
            case SIZE -> {
                json.writeStringProperty("$ref", "#/$defs/" + reference(plain.form()));
                bounds(plain);
            }
            case STATUS -> {
                json.writeStringProperty("$ref", "#/$defs/" + reference(plain.form()));
                json.writeNumberProperty("minimum", 100);
                json.writeNumberProperty("maximum", 599);
            }
            case TEXT,
                    LINES,
                    NAME,
                    TABLE_NAME,
                    NAME_OR_START,
                    HOST,
                    HOST_PATTERN,
                    DNS_NAME,
                    FILE,
                    PINS,
                    SERVER_NAME,
                    METHOD,
                    PROTOCOL,
                    PATH,
                    TARGET,
                    PATH_TEMPLATE,
                    PATH_PATTERN,
                    REGEX,
                    MEDIA_RANGE,
                    HEX,
                    LISTEN_ADDRESS,
                    LISTEN_RANGE,
                    ENDPOINT_ADDRESS,
                    SERVER_ADDRESS,
                    CIDR,
                    SOURCE,
                    IP,
                    EMAIL,
                    URL,
                    FILE_CONTENT,
                    DURATION -> json.writeStringProperty("$ref", "#/$defs/" + reference(plain.form()));
        }
        json.writeEndObject();
        json.writeStartObject();
        json.writeStringProperty("$ref", "#/$defs/environment");
        json.writeEndObject();
        json.writeEndArray();
    }

    private void bounds(Shape.Plain plain) {
        if (plain.least() instanceof Long least) {
            json.writeNumberProperty("minimum", least);
        }
        if (plain.most() instanceof Long most) {
            json.writeNumberProperty("maximum", most);
        }
    }

    private void types(String... types) {
        json.writeArrayPropertyStart("type");
        for (String type : types) {
            json.writeString(type);
        }
        json.writeEndArray();
    }

    private static String reference(Shape.Again again) {
        return again.type().getSimpleName().replaceAll("Spec$", "").toLowerCase(Locale.ROOT) + "-again";
    }

    private static String reference(Form form) {
        return form.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
