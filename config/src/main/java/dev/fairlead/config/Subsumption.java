package dev.fairlead.config;

import java.util.List;

/// Whether one condition holds whenever another does, where that can be told by looking: regular expressions are
/// only equal or not.
final class Subsumption {
    private Subsumption() {}

    /// Every request that fits `narrow` fits `wide` too.
    static boolean takesIn(Alternative wide, Alternative narrow) {
        return wide.conditions().stream()
                .allMatch(each -> narrow.conditions().stream().anyMatch(other -> follows(each, other)));
    }

    private static boolean follows(Condition wide, Condition narrow) {
        if (wide.equals(narrow)) {
            return true;
        }
        return switch (wide) {
            case Condition.Host host ->
                host.isWildcard()
                        && narrow instanceof Condition.Host other
                        && other.pattern().endsWith(host.pattern().substring(1));
            case Condition.PathPrefix prefix -> isBelow(prefix.prefix(), narrow);
            case Condition.PathTemplate template -> isWithin(template, narrow);
            case Condition.Method method ->
                narrow instanceof Condition.Method other && method.methods().containsAll(other.methods());
            case Condition.Header(String name, Condition.Value value) ->
                narrow instanceof Condition.Header other && name.equals(other.name()) && follows(value, other.value());
            case Condition.Cookie(String name, Condition.Value value) ->
                narrow instanceof Condition.Cookie other && name.equals(other.name()) && follows(value, other.value());
            case Condition.Query(String name, Condition.Value value) ->
                narrow instanceof Condition.Query other && name.equals(other.name()) && follows(value, other.value());
            case Condition.Client client ->
                narrow instanceof Condition.Client other
                        && other.blocks().stream()
                                .allMatch(block -> client.blocks().stream().anyMatch(each -> isWithin(block, each)));
            case Condition.ContentType type ->
                narrow instanceof Condition.ContentType other
                        && other.ranges().stream()
                                .allMatch(range -> type.ranges().stream().anyMatch(each -> isWithin(range, each)));
            case Condition.ServerName name ->
                narrow instanceof Condition.ServerName other
                        && other.patterns().stream()
                                .allMatch(each -> name.patterns().stream().anyMatch(wider -> isBelow(each, wider)));
            // What the client likes better decides between different offers; the others are equal or unknown.
            case Condition.Accept _,
                    Condition.HostRegex _,
                    Condition.Path _,
                    Condition.PathRegex _,
                    Condition.ClientSubject _,
                    Condition.Not _ -> false;
        };
    }

    private static boolean follows(Condition.Value wide, Condition.Value narrow) {
        return switch (wide) {
            case Condition.Value.Present _ -> !(narrow instanceof Condition.Value.Absent);
            case Condition.Value.Prefix(String prefix) ->
                switch (narrow) {
                    case Condition.Value.Exact(String text) -> text.startsWith(prefix);
                    case Condition.Value.Prefix(String text) -> text.startsWith(prefix);
                    case Condition.Value.Regex _, Condition.Value.Present _, Condition.Value.Absent _ -> false;
                };
            case Condition.Value.Exact _, Condition.Value.Regex _, Condition.Value.Absent _ -> wide.equals(narrow);
        };
    }

    private static boolean isBelow(String name, String pattern) {
        return name.equals(pattern) || (pattern.startsWith("*.") && name.endsWith(pattern.substring(1)));
    }

    private static boolean isBelow(String prefix, Condition narrow) {
        return switch (narrow) {
            case Condition.Path(String path) -> path.equals(prefix) || path.startsWith(prefix + "/");
            case Condition.PathPrefix(String other) -> other.startsWith(prefix + "/");
            case Condition.PathTemplate template -> {
                List<String> all = template.segments();
                List<String> first = new Condition.PathTemplate(prefix).segments();
                yield first.size() <= all.size() && all.subList(0, first.size()).equals(first);
            }
            default -> false;
        };
    }

    private static boolean isWithin(Condition.PathTemplate template, Condition narrow) {
        List<String> wide = template.segments();
        List<String> other = switch (narrow) {
            case Condition.Path path -> new Condition.PathTemplate(path.path()).segments();
            case Condition.PathTemplate same -> same.segments();
            default -> List.of();
        };
        if (wide.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < wide.size(); i++) {
            boolean fits = Condition.PathTemplate.isVariable(wide.get(i))
                    ? !other.get(i).isEmpty()
                    : wide.get(i).equals(other.get(i));
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWithin(Cidr block, Cidr around) {
        byte[] inner = block.network().getAddress();
        byte[] outer = around.network().getAddress();
        if (inner.length != outer.length || block.length() < around.length()) {
            return false;
        }
        for (int bit = 0; bit < around.length(); bit++) {
            if (((inner[bit / 8] ^ outer[bit / 8]) & 0x80 >> bit % 8) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWithin(MediaRange range, MediaRange around) {
        if (around.type().equals("*")) {
            return true;
        }
        if (around.subtype().equals("*")) {
            return around.type().equals(range.type());
        }
        return around.type().equals(range.type())
                && around.subtype().equals(range.subtype())
                && range.parameters().entrySet().containsAll(around.parameters().entrySet());
    }
}
