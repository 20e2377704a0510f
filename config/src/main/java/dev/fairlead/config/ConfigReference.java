package dev.fairlead.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// The reference page of the config file, in Markdown.
public final class ConfigReference {
    /// Every part of a config once, in words that a reader can start from.
    static final String EXAMPLE = """
            listeners:
              web:                                  # Layer 7
                protocol: http
                address: "*:8080"
                upstream: app                       # requests that no route takes
                max-connections: 20000
                limits: {head-bytes: 16KiB, body-bytes: 100MiB}
                timeouts: {head: 5s, keep-alive: 75s}
                routes:
                  - name: api
                    match: {host: "*.example.com", path-prefix: /api}
                    upstream: api
                  - match: {path: /healthz}
                    upstream: api
                  - match: {path-prefix: /shop}
                    upstream: shop
              db:                                   # Layer 4
                protocol: tcp
                address: 127.0.0.1:5432
                upstream: databases
                idle-timeout: 1h

            upstreams:
              app:
                endpoints: [10.0.0.1:8080, 10.0.0.2:8080]
              api:
                balancer: least-load
                endpoints:
                  - {address: 10.0.1.1:8080, weight: 3}
                  - {address: "[2001:db8::1]:8080", max-connections: 500}
                probe: {protocol: http, path: /healthz, interval: 5s}
                timeouts: {connect: 500ms, first-byte: 10s}
                pool: {idle-max: 32}
                attempts: 2
              shop:
                endpoints: [shop.example:8080]      # every address that DNS has of the name
                discover: {dns-srv: _http._tcp.shop.example, file: /run/fairlead/shop.yaml}
              databases:
                endpoints: ["${DATABASE:-10.0.2.1:5432}"]
                probe: {protocol: tcp}

            admin:
              address: 127.0.0.1:9090
            resolver:
              servers: [10.0.0.53:53]
            access-log:
              path: stdout
              format: json
            loops: 0
            drain-timeout: 30s
            """;

    static final String SMALLEST = """
            listeners:
              web:
                protocol: http
                address: "*:8080"
                upstream: app
            upstreams:
              app:
                endpoints: [10.0.0.1:8080, 10.0.0.2:8080]
            """;

    private final StringBuilder page = new StringBuilder();
    /// Where each record is described.
    private final Map<Class<?>, String> sections = new HashMap<>();

    private ConfigReference() {}

    /// The whole page, made from the records of the config.
    public static String markdown() {
        ConfigReference reference = new ConfigReference();
        reference.introduction();
        reference.values();
        reference.section("The file", "The keys at the left margin.", "", Shape.ROOT);
        return reference.page.toString();
    }

    private void introduction() {
        page.append("""
                # The config file

                *This page is made from the program; change the records of `dev.fairlead.config`, not the page.* The
                same source gives the JSON Schema, [fairlead.schema.json](fairlead.schema.json), with which editors
                complete and check the file while it is written; `fairlead schema` prints it.

                One YAML file says what a Fairlead process does. A **listener** accepts connections; a **route** says
                which requests go to which **upstream**; an upstream is a named set of **endpoints**. The smallest useful
                file:

                ```yaml
                """);
        page.append(SMALLEST)
                .append("```\n\nEvery part once:\n\n```yaml\n")
                .append(EXAMPLE)
                .append("```\n");
        page.append("""

                `fairlead check FILE` finds every mistake at once, each with its line, and starts nothing.

                """);
    }

    private void values() {
        page.append("## How values are written\n\n| type | written |\n|---|---|\n");
        List<Form> shown = List.of(
                Form.DURATION,
                Form.SIZE,
                Form.LISTEN_ADDRESS,
                Form.LISTEN_RANGE,
                Form.NAME,
                Form.HOST_PATTERN,
                Form.ENDPOINT_ADDRESS,
                Form.DNS_NAME,
                Form.CIDR,
                Form.FILE,
                Form.PATH,
                Form.PATH_TEMPLATE,
                Form.PATH_PATTERN,
                Form.REGEX,
                Form.MEDIA_RANGE,
                Form.URL,
                Form.STATUS,
                Form.BOOLEAN,
                Form.NUMBER);
        shown.forEach(each -> row(each.title(), each.expected()));
        page.append("""

                - Sizes count in 1024s; without a unit they are bytes. `KB` and `MB` are refused, as they mean two things.
                - Only an endpoint's address may be a DNS name; it is resolved while Fairlead runs, never by
                  `fairlead check` ([discovery.md](discovery.md)). `*` stands for every address and, like port 0 (the
                  system chooses one), only where Fairlead listens. IPv6 addresses need quotes in YAML.
                - `${NAME}` in a value is the environment variable `NAME`; `${NAME:-default}` has a default for a variable
                  that is unset or empty; `$${` is a plain `${`. Variables are put in after YAML is parsed, so they cannot
                  change the structure, and they do not work in keys or in `protocol`. Inside `[ ]` and `{ }` YAML wants
                  quotes around them.
                - A key given twice is an error. YAML's anchors, aliases and merge keys (`<<`) work.

                """);
    }

    private void section(String heading, String meaning, String path, Shape.Table table) {
        sections.putIfAbsent(table.type(), heading);
        page.append("## ").append(heading).append("\n\n").append(meaning).append("\n\n");
        page.append("| key | type | default | range | meaning |\n|---|---|---|---|---|\n");
        Kind kind = table.kind();
        if (kind != null) {
            row("`" + kind.key() + "`", "word", "required", "`" + kind.word() + "`", "Makes it this kind.");
        }
        for (Shape.Entry entry : table.keys()) {
            String example = entry.note().example().isEmpty()
                    ? ""
                    : " Example: `" + entry.note().example() + "`.";
            String at = path + entry.key();
            row(
                    "`" + entry.key() + "`",
                    type(entry.shape(), at),
                    absent(entry),
                    range(entry.shape()),
                    entry.note().value() + example);
        }
        page.append('\n');
        table.keys()
                .forEach(each ->
                        nested(each.shape(), path + each.key(), each.note().value()));
    }

    private void nested(Shape shape, String path, String meaning) {
        switch (shape) {
            case Shape.Plain _, Shape.Again _ -> {}
            case Shape.Table table -> section("`" + path + "`", meaning + shorthand(table), path + ".", table);
            case Shape.OneOf oneOf -> {
                for (Shape.Table kind : oneOf.kinds()) {
                    String word = Shape.OneOf.word(kind);
                    String heading = "`" + path + "` with `" + oneOf.key() + ": " + word + "`";
                    section(heading, kindDoc(kind), path + ".", kind);
                }
            }
            case Shape.ListOf listOf -> nested(listOf.element(), path + "[]", meaning);
            case Shape.MapOf mapOf -> nested(mapOf.element(), path + ".NAME", meaning);
        }
    }

    private static String kindDoc(Shape.Table table) {
        Kind kind = table.kind();
        return kind == null ? "" : kind.doc();
    }

    private static String shorthand(Shape.Table table) {
        return table.shorthand() == null
                ? ""
                : " Where only `" + table.shorthand() + "` is given, its value may stand alone.";
    }

    private String type(Shape shape, String path) {
        return switch (shape) {
            case Shape.Plain plain -> plain.form().title();
            case Shape.Table _ -> link("mapping", "`" + path + "`");
            case Shape.OneOf oneOf -> {
                String first = Shape.OneOf.word(oneOf.kinds().getFirst());
                yield link("mapping", "`" + path + "` with `" + oneOf.key() + ": " + first + "`");
            }
            case Shape.ListOf listOf ->
                (listOf.orOne() ? "one, or list: " : "list: ") + type(listOf.element(), path + "[]");
            case Shape.Again again -> link("mapping", Objects.requireNonNull(sections.get(again.type())));
            case Shape.MapOf mapOf -> "by name: " + type(mapOf.element(), path + ".NAME");
        };
    }

    /// A link to a heading of this page, by the anchor that GitHub and its like make of it.
    private static String link(String text, String heading) {
        String anchor =
                heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
        return "[" + text + "](#" + anchor + ")";
    }

    private static String absent(Shape.Entry entry) {
        if (!entry.note().absent().isEmpty()) {
            return "`" + entry.note().absent() + "`";
        }
        if (entry.isRequired()) {
            return "required";
        }
        if (entry.note().optional()) {
            return "none";
        }
        return switch (entry.shape()) {
            case Shape.Plain _, Shape.OneOf _ -> "by its place";
            case Shape.Table _, Shape.Again _ -> "its defaults";
            case Shape.ListOf _, Shape.MapOf _ -> "empty";
        };
    }

    private static String range(Shape shape) {
        return switch (shape) {
            case Shape.Plain plain ->
                plain.words().isEmpty() ? bounds(plain.note()) : Nearest.list(plain.words(), "or");
            case Shape.ListOf listOf -> listOf.least() > 0 ? "at least " + listOf.least() : "";
            case Shape.Table _, Shape.OneOf _, Shape.MapOf _, Shape.Again _ -> "";
        };
    }

    private static String bounds(Key note) {
        return note.min().isEmpty() ? "" : note.min() + " to " + note.max();
    }

    private void row(String... cells) {
        for (String cell : cells) {
            page.append("| ").append(cell.replace("|", "\\|")).append(' ');
        }
        page.append("|\n");
    }
}
