package dev.fairlead.config;

import java.time.Duration;
import java.util.List;

/// Answers of a route's upstream that are kept and used again, as RFC 9111 allows a cache that many share.
public record CacheSpec(
        @Key(value = "False: nothing is kept, though the listener says so for routes that do not.", absent = "true")
        boolean enabled,

        @Key(
                value =
                        "How long an answer is fresh that says nothing of it and has no `Last-Modified` to guess by. 0s: it is not kept, unless it has an `ETag` to ask again by.",
                absent = "0s",
                min = "0s",
                max = "365d")
        Duration defaultTtl,

        @Key(
                value = "No answer is fresh for longer, whatever it says. A year is what RFC 9111 has in mind at most.",
                absent = "365d",
                min = "0s",
                max = "3650d")
        Duration ttlMax,

        @Key(
                value =
                        "No answer is fresh for longer by guess. Guessed is a tenth of the time since `Last-Modified`, where an answer says nothing else; an hour keeps a wrong guess short.",
                absent = "1h",
                min = "0s",
                max = "365d")
        Duration heuristicMax,

        @Key(
                value =
                        "How long a stale answer is used while the upstream is asked for a new one, where the answer does not say (RFC 5861); never one with `must-revalidate`, `proxy-revalidate` or `s-maxage`. 0s: not at all.",
                absent = "0s",
                min = "0s",
                max = "365d")
        Duration staleWhileRevalidate,

        @Key(
                value =
                        "How long a stale answer is used when the upstream cannot be asked or answers 500 to 504, where the answer does not say (RFC 5861); never one with `must-revalidate`, `proxy-revalidate` or `s-maxage`. 0s: not at all.",
                absent = "0s",
                min = "0s",
                max = "365d")
        Duration staleIfError,

        @Key(
                value = "Bytes of a body that is kept; a longer one is passed on. 1MiB holds what pages are made of.",
                absent = "1MiB",
                min = "1B",
                max = "1GiB",
                form = Form.SIZE)
        long objectMax,

        @Key(
                value =
                        "Parameters of the query that tell answers apart; others do not. Absent: the whole query does, as it is written.",
                orOne = true,
                form = Form.NAME,
                example = "[page, sort]")
        List<String> keyQuery,

        @Key(
                value = "Fields of the request that tell answers apart, besides those that an answer names in `Vary`.",
                orOne = true,
                form = Form.NAME,
                example = "X-Tenant")
        List<String> keyHeaders,

        @Key(value = "Cookies that tell answers apart.", orOne = true, form = Form.NAME, example = "currency")
        List<String> keyCookies,

        @Key(
                value = "A request with one of these cookies is neither answered from the cache nor kept.",
                orOne = true,
                form = Form.NAME,
                example = "session")
        List<String> bypassCookies,

        @Key(
                value = "A request with one of these fields is neither answered from the cache nor kept.",
                orOne = true,
                form = Form.NAME,
                example = "X-Preview")
        List<String> bypassHeaders,

        @Key(
                value =
                        "Statuses of answers that are kept, where the answer allows it. Absent: all that RFC 9111 allows.",
                example = "[200, 301, 404]",
                form = Form.STATUS,
                orOne = true)
        List<StatusRange> statuses,

        @Key(
                value =
                        "Parameters of the query that do not tell answers apart, whatever their values; `utm_*` is all that begin so. The upstream is asked with them. Not beside `key-query`, which names those that do.",
                orOne = true,
                form = Form.NAME_OR_START,
                example = "[utm_*, gclid]")
        List<String> keyQueryIgnore,

        @Key(
                value =
                        "True: the order of the query's parameters, and percent-encoding that means nothing (`%61` for `a`, `%2f` for `%2F`), do not tell answers apart. The order among parameters of one name does.",
                absent = "false")
        boolean keyQuerySort) {
    public CacheSpec {
        keyQuery = List.copyOf(keyQuery);
        keyHeaders = List.copyOf(keyHeaders);
        keyCookies = List.copyOf(keyCookies);
        bypassCookies = List.copyOf(bypassCookies);
        bypassHeaders = List.copyOf(bypassHeaders);
        statuses = List.copyOf(statuses);
        keyQueryIgnore = List.copyOf(keyQueryIgnore);
    }
}
