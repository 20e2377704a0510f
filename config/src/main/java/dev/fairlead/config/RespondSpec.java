package dev.fairlead.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A fixed answer, given by Fairlead itself.
public record RespondSpec(
        @Key(value = "The status; one of 200 to 599.", absent = "200", min = "200", max = "599")
        int status,

        @Key(
                value = "The body, in UTF-8. Not together with `file`.",
                optional = true,
                form = Form.LINES,
                example = "down for a moment")
        @Nullable
        String body,

        @Key(
                value =
                        "A file of at most 1 MiB that is the body; read when the config is. Its answers have an `ETag`, and If-None-Match is answered 304.",
                optional = true,
                form = Form.FILE_CONTENT,
                example = "/etc/fairlead/sorry.html")
        @Nullable
        FileContent file,

        @Key(
                value =
                        "The `Content-Type`. Absent: by the ending of `file` (html, txt, json, css, js, svg, png, jpg, gif, ico, xml, webp, woff2), else `text/plain; charset=utf-8`, or `application/octet-stream` for a file.",
                optional = true,
                example = "text/html; charset=utf-8")
        @Nullable
        String contentType,

        @Key(
                value =
                        "Fields of the answer, with values as in `response-headers`, whose rules and those of the listener come after them.",
                example = "{Retry-After: \"60\"}")
        Map<String, String> headers) {
    public RespondSpec {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }
}
