package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What clients are shown for some statuses.
public record ErrorPageSpec(
        @Key(
                value = "The statuses, each 400 to 599: `404`, `500-599`, or a list of such.",
                orOne = true,
                example = "[404, 500-599]")
        List<StatusRange> status,

        @Key(
                value = "The body, in UTF-8. `{status}` and `{request-id}` in it are put in. Not together with `file`.",
                optional = true,
                form = Form.LINES,
                example = "sorry: {status}")
        @Nullable
        String body,

        @Key(
                value =
                        "A file of at most 1 MiB that is the body; read when the config is. `{status}` and `{request-id}` in it are put in.",
                optional = true,
                form = Form.FILE_CONTENT,
                example = "/etc/fairlead/sorry.html")
        @Nullable
        FileContent file,

        @Key(
                value =
                        "The `Content-Type`. Absent: by the ending of `file`, as under `respond`, else `text/plain; charset=utf-8`.",
                optional = true,
                example = "text/html; charset=utf-8")
        @Nullable
        String contentType,

        @Key(
                value =
                        "Whether it also takes the place of the body that an endpoint sends with such a status. The fields that are not about the body stay.",
                absent = "false")
        boolean intercept) {
    public ErrorPageSpec {
        status = List.copyOf(status);
    }
}
