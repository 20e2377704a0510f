package dev.fairlead.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a plain value is written in the file. The binder reads by it, the schema and the reference page quote it.
enum Form {
    TEXT("text", "text of one line", "[^\\x00-\\x1f\\x7f]+", text -> text),
    LINES("text of lines", "text, of several lines where wanted", "[^\\x00-\\x08\\x0b-\\x1f\\x7f]+", text -> text),
    NAME("name", "a name of letters, digits, `_`, `.` and `-`, at most 128", "[A-Za-z0-9_.-]{1,128}", text -> text),
    TABLE_NAME(
            "table name",
            "a name of letters, digits, `_`, `.` and `-` that begins with a letter, at most 64",
            "[A-Za-z][A-Za-z0-9_.-]{0,63}",
            text -> text),
    NAME_OR_START(
            "name or its start",
            "a name of letters, digits, `_`, `.` and `-`, or its beginning with `*`: `utm_*`",
            "[A-Za-z0-9_.-]{1,128}[*]?",
            text -> text),
    HOST(
            "host",
            "a host such as `app.example.com` or `app.example.com:8080`",
            "([A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?",
            text -> text),
    /// Hosts are compared without case, so they are kept in lower case.
    HOST_PATTERN(
            "host pattern",
            "a host without a port, `app.example.com` or `*.example.com`",
            "([*][.])?[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*|\\[[0-9A-Fa-f:.]+\\]",
            text -> text.toLowerCase(Locale.ROOT)),
    /// As HOST_PATTERN.
    DNS_NAME(
            "DNS name",
            "a DNS name such as `_http._tcp.app.example`",
            AddressText.NAME_PATTERN + "[.]?",
            AddressText::parseName),
    FILE(
            "file",
            "the path of a file, from the root as in `/run/app.yaml`, or from the folder of the config",
            "[^\\x00-\\x1f\\x7f]+",
            text -> text),
    /// Linux makes nothing in a BPF file system whose name has a dot.
    PINS(
            "folder of pins",
            "the path of a folder from the root as in `/sys/fs/bpf/fairlead`, in whose own name is no dot",
            "(/[^/\\x00-\\x1f\\x7f]+)*/[^/.\\x00-\\x1f\\x7f]+",
            text -> text),
    SERVER_NAME(
            "server name",
            "a name such as `app.example.com`, without a port",
            "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,30}",
            text -> text.toLowerCase(Locale.ROOT)),
    /// RFC 9110 §9.1: methods are tokens, and case matters.
    METHOD("method", "a method such as `GET` or `HEAD`", "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}", text -> text),
    /// RFC 9110 §7.8: a token, perhaps with a version; compared without case, so kept in lower case.
    PROTOCOL(
            "protocol",
            "a protocol such as `websocket`",
            "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}(/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,16})?",
            text -> text.toLowerCase(Locale.ROOT)),
    PATH("path", "a path that starts with `/`, without a query", "/[^?#\\x00-\\x20\\x7f]*", text -> text),
    TARGET("path and query", "a path that starts with `/`", "/[^#\\x00-\\x20\\x7f]*", text -> text),
    LISTEN_ADDRESS(
            "address",
            "an address such as `*:8080`, `10.0.0.1:8080` or `[::1]:8080`",
            AddressText.LISTEN_PATTERN,
            AddressText::parseListen),
    LISTEN_RANGE(
            "address, or with ports in a row",
            "an address such as `*:8080`, `10.0.0.1:8080` or `[::1]:8080`, or with ports in a row such as `10.0.0.1:5000-5099`",
            AddressText.RANGE_PATTERN,
            AddressText::parseRange),
    ENDPOINT_ADDRESS(
            "endpoint address",
            "an address such as `10.0.0.1:8080`, `[::1]:8080` or `app.example:8080`, or with the port that clients ask for, `10.0.0.1:*`",
            AddressText.ENDPOINT_PATTERN,
            AddressText::parseEndpoint),
    SERVER_ADDRESS(
            "IP address",
            "an IP address and a port such as `10.0.0.53:53` or `[::1]:53`",
            AddressText.SERVER_PATTERN,
            AddressText::parseServer),
    /// Variables are whole segments.
    PATH_TEMPLATE(
            "path template",
            "a path such as `/users/{id}` whose variables are whole segments, at most 32 segments",
            "(/([^/{}?#\\x00-\\x20\\x7f]*|[{][A-Za-z_][A-Za-z0-9_-]*[}])){1,32}",
            text -> text),
    PATH_PATTERN(
            "path with variables",
            "a path with variables such as `/people/{id}`",
            "/([^{}?#\\x00-\\x20\\x7f]|[{][A-Za-z0-9_-]{1,64}[}])*",
            text -> text),
    REGEX(
            "regular expression",
            "a regular expression of at most 500 characters",
            "[^\\x00-\\x1f\\x7f]{1," + RegexText.LENGTH_MAX + "}",
            RegexText::check),
    MEDIA_RANGE(
            "media type",
            "a media type such as `text/html`, `image/*` or `*/*`",
            MediaRange.PATTERN,
            MediaRange::parse),
    CIDR(
            "block of addresses",
            "a block of addresses such as `10.0.0.0/8` or `2001:db8::/32`, or one address",
            AddressText.CIDR_PATTERN,
            AddressText::parseCidr),
    IP(
            "address without a port",
            "an IP address such as `10.1.2.3` or `2001:db8::7`",
            "[0-9.]+|[0-9A-Fa-f:.]+",
            AddressText::parseIp),
    EMAIL(
            "mail address",
            "a mail address such as `ops@example.com`",
            "[!#$%&'*+/=?^_`{|}~0-9A-Za-z.-]{1,64}@[A-Za-z0-9-]{1,63}([.][A-Za-z0-9-]{1,63}){0,30}",
            text -> text),
    URL(
            "URL",
            "a URL such as `https://shop.example/users/7`",
            "https?://[^/?#\\x00-\\x20\\x7f]+([/?][^#\\x00-\\x20\\x7f]*)?",
            text -> text),
    SOURCE(
            "source",
            "an IP address such as `10.0.0.5`, or `client`",
            "client|[0-9.]+|[0-9A-Fa-f:.]+",
            AddressText::parseSource),
    FILE_CONTENT(
            "file",
            "the path of a file, from the root as in `/etc/fairlead/sorry.html`, or from the folder of the config",
            "[^\\x00-\\x1f\\x7f]+",
            Form::content),
    DURATION(
            "duration",
            "a duration such as `250ms`, `5s`, `10m`, `2h` or `1d`",
            DurationText.PATTERN,
            DurationText::parse),
    SIZE("size", "a size such as `512B`, `64KiB` or `1MiB`", SizeText.PATTERN, SizeText::parse),
    STATUS(
            "status or range",
            "a status or a range of them, `200` or `200-399`",
            "[1-5][0-9]{2}(-[1-5][0-9]{2})?",
            Form::status),
    BOOLEAN("true or false", "`true` or `false`", "[tT]rue|TRUE|[fF]alse|FALSE", Boolean::parseBoolean),
    HEX(
            "octets",
            "1 to 15 octets in hexadecimal, such as `c0ffee01`",
            "([0-9A-Fa-f]{2}){1,15}",
            text -> text.toLowerCase(Locale.ROOT)),
    NUMBER("number", "a whole number", "-?[0-9]{1,18}", Long::parseLong),
    /// One of an enum's words; which ones, the component's type says.
    WORD("word", "one of the words", "[a-z0-9-]+", text -> text);

    private interface Reader {
        /// Given only what has the form's pattern, unless the reader complains itself.
        Object read(String text) throws Malformed;
    }

    private final String title;
    private final String expected;
    private final String pattern;
    private final Pattern compiled;
    private final Reader reader;

    Form(String title, String expected, String pattern, Reader reader) {
        this.title = title;
        this.expected = expected;
        this.pattern = "^(" + pattern + ")$";
        this.compiled = Pattern.compile(pattern);
        this.reader = reader;
    }

    /// The form's name on the reference page.
    String title() {
        return title;
    }

    String expected() {
        return expected;
    }

    /// For the JSON Schema: ECMA-262, anchored.
    String pattern() {
        return pattern;
    }

    /// The value of the text: a String, Long, Boolean, Duration, [Address], [AddressRange], [EndpointAddress], [Cidr],
    /// [FileContent], [MediaRange] or [StatusRange].
    Object read(String text) throws Malformed {
        boolean complainsItself = switch (this) {
            case LISTEN_ADDRESS, LISTEN_RANGE, ENDPOINT_ADDRESS, SERVER_ADDRESS, SOURCE, IP, CIDR, DURATION, SIZE ->
                true;
            case TEXT,
                    LINES,
                    NAME,
                    TABLE_NAME,
                    NAME_OR_START,
                    HOST,
                    HOST_PATTERN,
                    DNS_NAME,
                    FILE,
                    FILE_CONTENT,
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
                    EMAIL,
                    URL,
                    STATUS,
                    HEX,
                    BOOLEAN,
                    NUMBER,
                    WORD -> false;
        };
        if (!complainsItself && !compiled.matcher(text).matches()) {
            throw new Malformed("expected " + expected + ", found " + (text.isEmpty() ? "nothing" : "`" + text + "`"));
        }
        return reader.read(text);
    }

    /// Whether it names a file, or a folder.
    boolean isFile() {
        return this == FILE || this == FILE_CONTENT;
    }

    /// Whether a YAML number without quotes is welcome. Elsewhere `5` must be written `"5"`, as in JSON.
    boolean takesNumbers() {
        return this == NUMBER || this == SIZE || this == STATUS;
    }

    private static FileContent content(String text) throws Malformed {
        return FileContent.read(text);
    }

    private static StatusRange status(String text) throws Malformed {
        Matcher matcher = Pattern.compile("([0-9]+)(?:-([0-9]+))?").matcher(text);
        if (!matcher.matches()) {
            throw new Malformed("expected " + STATUS.expected);
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        if (first > last) {
            throw new Malformed("the range `" + text + "` ends before it begins");
        }
        return new StatusRange(first, last);
    }
}
