package dev.fairlead.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a request must have for a route to take it. All that is given must hold. See [Alternative] for what it
/// means in full.
public record MatchSpec(
        @Key(
                value = "The host without the port: exact, or `*.example.com` for every name below it.",
                example = "\"*.example.com\"",
                optional = true,
                form = Form.HOST_PATTERN)
        @Nullable
        String host,

        @Key(
                value = "The whole path, without the query. Of the four keys for the path, one may be given.",
                example = "/healthz",
                optional = true,
                form = Form.PATH)
        @Nullable
        String path,

        @Key(
                value = "The path's beginning, by whole segments: `/api` takes `/api` and `/api/x`, not `/apis`.",
                example = "/api",
                optional = true,
                form = Form.PATH)
        @Nullable
        String pathPrefix,

        @Key(
                value =
                        "A regular expression (RE2) for the whole host, without the port, in lower case. Not together with `host`.",
                example = "shop-[0-9]+[.]example[.]com",
                optional = true,
                form = Form.REGEX)
        @Nullable
        String hostRegex,

        @Key(
                value =
                        "The whole path with variables, each one for one segment that is not empty. At most 32 segments.",
                example = "\"/users/{id}/orders\"",
                optional = true,
                form = Form.PATH_TEMPLATE)
        @Nullable
        String pathTemplate,

        @Key(
                value = "A regular expression (RE2) for the whole path, without the query.",
                example = "/v[0-9]+/.*",
                optional = true,
                form = Form.REGEX)
        @Nullable
        String pathRegex,

        @Key(
                value = "The method, or one of several. Case matters.",
                example = "[GET, HEAD]",
                orOne = true,
                form = Form.METHOD)
        List<String> method,

        @Key(
                "Request fields by name (in any case). `X-Canary: \"1\"` is the whole value; `X-Canary: {prefix: b}` and other keys ask for less. Where a field stands several times, one that fits is enough.")
        Map<String, ValueSpec> headers,

        @Key("Cookies by name, as `headers`.") Map<String, ValueSpec> cookies,

        @Key(
                "Query parameters by name, as `headers`. Names and values are compared as they are written, without decoding.")
        Map<String, ValueSpec> query,

        @Key(
                value = "The client's address, as a block or one of several.",
                example = "[10.0.0.0/8, \"fd00::/8\"]",
                orOne = true,
                form = Form.CIDR)
        List<Cidr> client,

        @Key(
                value =
                        "The media type of the request's body (`Content-Type`), or one of several. A request without the field has none of them.",
                example = "[application/json, \"multipart/*\"]",
                orOne = true,
                form = Form.MEDIA_RANGE)
        List<MediaRange> contentType,

        @Key(
                value =
                        "The media types that the route offers. It takes only requests whose `Accept` wants one of them, and of routes with equal host and path the one wins that the client likes best (RFC 9110 §12.5.1).",
                example = "[\"image/*\", \"video/*\"]",
                orOne = true,
                form = Form.MEDIA_RANGE)
        List<MediaRange> accept,

        @Key("Further conditions, all of which must hold.") List<MatchSpec> all,

        @Key(
                "Further conditions, one of which must hold. It is as if the route stood there once for each of them; at most 64 times.")
        List<MatchSpec> any,

        @Key(value = "Conditions that must not all hold.", optional = true) @Nullable
        MatchSpec not,

        @Key(
                value =
                        "The name that the client asked for in its TLS handshake (SNI), or one of several; `*.example.com` is every name below. A client that named none has none of them.",
                example = "\"*.internal.example\"",
                orOne = true,
                form = Form.HOST_PATTERN)
        List<String> sni,

        @Key(
                value =
                        "A regular expression (RE2) for the whole subject of the client's certificate, written as RFC 2253 has it, the last part first: `CN=ann,O=Example`. What is not visible ASCII, and `%`, stands as `%` and two digits, and a kind of name that RFC 2253 does not list as its number: `1.2.840.113549.1.9.1=#16...` for an e-mail address. A client without a certificate has none.",
                example = "\".*,O=Example(,.*)?\"",
                optional = true,
                form = Form.REGEX)
        @Nullable
        String clientSubject) {
    /// Every request.
    public static final MatchSpec EVERYTHING = new MatchSpec(null, null, null);

    /// Paths in the form in which they are compared. `/api/` is the prefix `/api`, since both mean whole segments; and
    /// `/` is none.
    public MatchSpec {
        path = path == null ? null : PathText.normal(path);
        pathTemplate = pathTemplate == null ? null : PathText.normal(pathTemplate);
        pathPrefix = pathPrefix == null ? null : PathText.normal(pathPrefix);
        if (pathPrefix != null && pathPrefix.endsWith("/")) {
            String trimmed = pathPrefix.substring(0, pathPrefix.length() - 1);
            pathPrefix = trimmed.isEmpty() ? null : trimmed;
        }
        method = List.copyOf(method);
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        cookies = Collections.unmodifiableMap(new LinkedHashMap<>(cookies));
        query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
        client = List.copyOf(client);
        contentType = List.copyOf(contentType);
        accept = List.copyOf(accept);
        all = List.copyOf(all);
        any = List.copyOf(any);
        sni = List.copyOf(sni);
    }

    /// By host and path alone.
    public MatchSpec(@Nullable String host, @Nullable String path, @Nullable String pathPrefix) {
        this(
                host,
                path,
                pathPrefix,
                null,
                null,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                null);
    }
}
