package dev.fairlead.config;

/// Where and how exchanges and flows are recorded.
public record AccessLogSpec(
        @Key(
                value = "A file, appended to and opened again on SIGHUP, or `stdout`, or `stderr`.",
                absent = "stdout",
                example = "/var/log/fairlead/access.log")
        String path,

        @Key(
                value =
                        "`json`: every fact, one object a line. `combined`: the line that web servers have written since NCSA.",
                absent = "json")
        Format format) {

    public enum Format {
        JSON,
        COMBINED
    }
}
