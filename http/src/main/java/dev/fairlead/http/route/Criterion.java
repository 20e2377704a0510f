package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.net.CidrSet;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// A [Condition] made ready to be asked of requests: real ones, and those of `fairlead explain` and `test`. Immutable;
/// it allocates nothing, but for regular expressions.
interface Criterion {
    boolean holds(RequestHead request, Client client);

    static Criterion of(Condition condition) {
        return switch (condition) {
            case Condition.Host host -> HostCriterion.of(host);
            case Condition.HostRegex(String regex) -> new HostCriterion.Like(new Regex(regex));
            case Condition.Path(String path) -> new PathCriterion.Is(bytes(path));
            case Condition.PathPrefix(String prefix) -> new PathCriterion.Below(bytes(prefix));
            case Condition.PathTemplate template -> PathCriterion.Shaped.of(template);
            case Condition.PathRegex(String regex) -> new PathCriterion.Like(new Regex(regex));
            case Condition.Method(List<String> methods) ->
                new Method(methods.stream().map(Criterion::bytes).toArray(byte[][]::new));
            case Condition.Header(String name, Condition.Value value) ->
                Text.named(value, text -> new Named.Field(bytes(name), text));
            case Condition.Cookie(String name, Condition.Value value) ->
                Text.named(value, text -> new Named.Cookie(bytes(name), text));
            case Condition.Query(String name, Condition.Value value) ->
                Text.named(value, text -> new Named.Parameter(bytes(name), text));
            case Condition.Client(var blocks) -> new From(CidrSet.of(blocks));
            case Condition.ContentType(var ranges) ->
                new ContentType(ranges.stream().map(Media::of).toArray(Media[]::new));
            case Condition.Accept(var offers) -> Wanted.of(offers);
            case Condition.ServerName(var patterns) -> TlsCriterion.Name.of(patterns);
            case Condition.ClientSubject(String regex) -> new TlsCriterion.Subject(new Regex(regex));
            case Condition.Not(var alternatives) ->
                new None(alternatives.stream()
                        .map(each ->
                                each.conditions().stream().map(Criterion::of).toArray(Criterion[]::new))
                        .toArray(Criterion[][]::new));
        };
    }

    static boolean all(Criterion[] criteria, RequestHead request, Client client) {
        for (Criterion each : criteria) {
            if (!each.holds(request, client)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Case matters: RFC 9110 §9.1.
    record Method(byte[][] names) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            byte[] bytes = request.fields().bytes();
            for (byte[] name : names) {
                if (Arrays.equals(bytes, request.methodStart(), request.methodEnd(), name, 0, name.length)) {
                    return true;
                }
            }
            return false;
        }
    }

    record From(CidrSet blocks) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            return blocks.contains(client.address().getAddress());
        }
    }

    /// One of these whole sets holding is enough against it.
    record None(Criterion[][] alternatives) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            for (Criterion[] alternative : alternatives) {
                if (all(alternative, request, client)) {
                    return false;
                }
            }
            return true;
        }
    }
}
