package dev.fairlead.config;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// One thing that a request must have. `toString` says it in the words of the file.
public sealed interface Condition {
    /// The host is this, or below it when it begins with `*.`. In lower case.
    record Host(String pattern) implements Condition {
        public boolean isWildcard() {
            return pattern.startsWith("*.");
        }

        @Override
        public String toString() {
            return "host " + pattern;
        }
    }

    record HostRegex(String regex) implements Condition {
        @Override
        public String toString() {
            return "host-regex " + regex;
        }
    }

    record Path(String path) implements Condition {
        @Override
        public String toString() {
            return "path " + path;
        }
    }

    /// Without a slash at its end.
    record PathPrefix(String prefix) implements Condition {
        @Override
        public String toString() {
            return "path-prefix " + prefix;
        }
    }

    record PathTemplate(String template) implements Condition {
        /// What stands between the slashes.
        public List<String> segments() {
            return List.of(template.substring(1).split("/", -1));
        }

        public static boolean isVariable(String segment) {
            return segment.startsWith("{");
        }

        @Override
        public String toString() {
            return "path-template " + template;
        }
    }

    record PathRegex(String regex) implements Condition {
        @Override
        public String toString() {
            return "path-regex " + regex;
        }
    }

    record Method(List<String> methods) implements Condition {
        public Method {
            methods = methods.stream().distinct().sorted().toList();
        }

        @Override
        public String toString() {
            return "method " + String.join(" or ", methods);
        }
    }

    /// A field, by its name in lower case.
    record Header(String name, Value value) implements Condition {
        public Header {
            name = name.toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return "header " + name + value;
        }
    }

    record Cookie(String name, Value value) implements Condition {
        @Override
        public String toString() {
            return "cookie " + name + value;
        }
    }

    record Query(String name, Value value) implements Condition {
        @Override
        public String toString() {
            return "query " + name + value;
        }
    }

    record Client(List<Cidr> blocks) implements Condition {
        public Client {
            blocks = List.copyOf(blocks);
        }

        @Override
        public String toString() {
            return "client " + blocks.stream().map(Cidr::toString).collect(Collectors.joining(" or "));
        }
    }

    record ContentType(List<MediaRange> ranges) implements Condition {
        public ContentType {
            ranges = List.copyOf(ranges);
        }

        @Override
        public String toString() {
            return "content-type " + ranges.stream().map(MediaRange::toString).collect(Collectors.joining(" or "));
        }
    }

    record Accept(List<MediaRange> offers) implements Condition {
        public Accept {
            offers = List.copyOf(offers);
        }

        @Override
        public String toString() {
            return "accept " + offers.stream().map(MediaRange::toString).collect(Collectors.joining(" or "));
        }
    }

    /// The name of the TLS handshake is one of these, or below one that begins with `*.`. In lower case.
    record ServerName(List<String> patterns) implements Condition {
        public ServerName {
            patterns = patterns.stream().distinct().sorted().toList();
        }

        @Override
        public String toString() {
            return "sni " + String.join(" or ", patterns);
        }
    }

    record ClientSubject(String regex) implements Condition {
        @Override
        public String toString() {
            return "client-subject " + regex;
        }
    }

    /// None of these holds.
    record Not(List<Alternative> alternatives) implements Condition {
        public Not {
            alternatives = List.copyOf(alternatives);
        }

        @Override
        public String toString() {
            return "not (" + alternatives.stream().map(Alternative::toString).collect(Collectors.joining(" or ")) + ")";
        }
    }

    /// What a field, cookie or parameter must be.
    sealed interface Value {
        record Exact(String text) implements Value {
            @Override
            public String toString() {
                return ": " + text;
            }
        }

        record Prefix(String text) implements Value {
            @Override
            public String toString() {
                return " with prefix " + text;
            }
        }

        record Regex(String regex) implements Value {
            @Override
            public String toString() {
                return " with regex " + regex;
            }
        }

        record Present() implements Value {
            @Override
            public String toString() {
                return " present";
            }
        }

        record Absent() implements Value {
            @Override
            public String toString() {
                return " absent";
            }
        }

        static Value of(ValueSpec spec) {
            if (spec.value() != null) {
                return new Exact(spec.value());
            }
            if (spec.prefix() != null) {
                return new Prefix(spec.prefix());
            }
            if (spec.regex() != null) {
                return new Regex(spec.regex());
            }
            return Boolean.FALSE.equals(spec.present()) ? new Absent() : new Present();
        }
    }
}
