package dev.fairlead.config;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How the file writes an address: `10.0.0.1:8080` or `[2001:db8::1]:8080`, on listeners also `*:8080`, of endpoints
/// also `10.0.0.1:*`.
final class AddressText {
    private static final String IP = "[0-9]{1,3}([.][0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]+\\]";
    static final String LISTEN_PATTERN = "([*]|" + IP + "):[0-9]{1,5}";
    static final String RANGE_PATTERN = LISTEN_PATTERN + "(-[0-9]{1,5})?";
    static final String SERVER_PATTERN = "(" + IP + "):[0-9]{1,5}";

    /// Letters, digits and hyphens (RFC 1123 §2.1), and the `_` of service names; a last label of digits alone
    /// would be an address that is mistyped. Lengths are checked apart.
    static final String NAME_PATTERN =
            "([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?[.])*(?![0-9]+([.:]|$))[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?";

    private static final String BLOCK_LENGTH = "(/[0-9]{1,3})?";
    static final String CIDR_PATTERN =
            "[0-9]{1,3}([.][0-9]{1,3}){3}" + BLOCK_LENGTH + "|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*" + BLOCK_LENGTH;

    static final String ENDPOINT_PATTERN = "(" + IP + "|" + NAME_PATTERN + "[.]?):([0-9]{1,5}|[*])";

    /// RFC 1035 §2.3.4.
    private static final int LABEL_MAX = 63;

    private static final int NAME_MAX = 253;

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]*[A-Za-z_-][A-Za-z0-9_.-]*");
    private static final Pattern DNS_NAME = Pattern.compile(NAME_PATTERN + "[.]?");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]+");

    private static final Pattern PARTS = Pattern.compile("(?<host>\\[[^\\]]*\\]|[^:\\[\\]]*):(?<port>[^:\\[\\]]*)");

    private AddressText() {}

    /// Where a listener accepts: port 0 lets the system choose.
    static Address parseListen(String text) throws Malformed {
        Matcher parts = split(text);
        String host = parts.group("host");
        InetAddress ip = host.equals("*") ? ip("0.0.0.0") : ip(host);
        return new Address(ip, port(parts.group("port"), 0));
    }

    /// The same, or ports in a row.
    static AddressRange parseRange(String text) throws Malformed {
        // A port that begins with it is told as one that is no port.
        int dash = text.indexOf('-', text.lastIndexOf(':') + 2);
        if (dash < 0) {
            return AddressRange.of(parseListen(text));
        }
        Address first = parseListen(text.substring(0, dash));
        String digits = text.substring(dash + 1);
        int last = port(digits, 1);
        if (first.port() == 0) {
            throw new Malformed("port `0` lets the system choose, and begins no range");
        }
        if (last < first.port()) {
            throw new Malformed("the range `" + first.port() + "-" + digits + "` ends before it begins");
        }
        return new AddressRange(first.ip(), first.port(), last);
    }

    /// An IP address, or one with a port; null when it is neither.
    static @Nullable Address parseClient(String text) {
        boolean hasPort =
                text.startsWith("[") || text.chars().filter(each -> each == ':').count() == 1;
        try {
            return hasPort ? parseListen(text) : new Address(ip(text.contains(":") ? "[" + text + "]" : text), 0);
        } catch (Malformed neither) {
            return null;
        }
    }

    /// A name is checked for its form only: whether DNS knows it changes with time.
    static EndpointAddress parseEndpoint(String text) throws Malformed {
        Address plain = plain(text);
        if (plain != null && isServer(plain.ip())) {
            return plain;
        }
        Matcher parts = split(text);
        String host = parts.group("host");
        boolean keepsPort = parts.group("port").equals("*");
        if (NAME.matcher(host).matches()) {
            int port = keepsPort ? EndpointAddress.ASKED_PORT : port(parts.group("port"), 1);
            return new NamedAddress(parseName(host), port);
        }
        return keepsPort ? new HostAddress(serverIp(host)) : server(host, parts.group("port"));
    }

    static Address parseServer(String text) throws Malformed {
        Matcher parts = split(text);
        return server(parts.group("host"), parts.group("port"));
    }

    /// A block of addresses, `10.0.0.0/8`; an address alone is a block of one. No brackets: there is no port.
    static Cidr parseCidr(String text) throws Malformed {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        boolean isVersion6 = isIpv6(literal);
        if (!isVersion6 && !isIpv4(literal)) {
            throw new Malformed("expected a block of addresses such as `10.0.0.0/8` or `2001:db8::/32`, found "
                    + (text.isEmpty() ? "nothing" : "`" + text + "`"));
        }
        InetAddress ip = ip(isVersion6 ? "[" + literal + "]" : literal);
        int most = ip.getAddress().length * 8;
        String digits = slash < 0 ? String.valueOf(most) : text.substring(slash + 1);
        int length = LENGTH.matcher(digits).matches() ? Integer.parseInt(digits) : -1;
        if (length < 0 || length > most) {
            throw new Malformed("`/" + digits + "` is not from `/0` to `/" + most + "`");
        }
        try {
            return new Cidr(ip, length);
        } catch (IllegalArgumentException bitsBehind) {
            // Nobody can know whether the address or the length is what was meant.
            throw new Malformed("`" + literal + "` has bits behind the first " + length + ": write `"
                    + new Cidr(masked(ip, length), length) + "`, or `" + literal + "` for that address alone");
        }
    }

    private static InetAddress masked(InetAddress ip, int length) {
        byte[] bytes = ip.getAddress();
        for (int bit = length; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return address(bytes);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// An IP address without a port, as text, or the word for the client's.
    static String parseSource(String text) throws Malformed {
        return text.equals(FlowSpec.CLIENT) ? text : parseIp(text);
    }

    /// An IP address without a port, as text.
    static String parseIp(String text) throws Malformed {
        return parseServer(text.contains(":") ? "[" + text + "]:1" : text + ":1")
                .ip()
                .getHostAddress();
    }

    /// In lower case, without the dot that may end it.
    static String parseName(String text) throws Malformed {
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        if (!DNS_NAME.matcher(text).matches()) {
            throw new Malformed("`" + text + "` is no DNS name");
        }
        for (String label : name.split("[.]", -1)) {
            if (label.length() > LABEL_MAX) {
                throw new Malformed("`" + label + "` is longer than the " + LABEL_MAX + " letters of a DNS label");
            }
        }
        if (name.length() > NAME_MAX) {
            throw new Malformed("the name is longer than the " + NAME_MAX + " letters of a DNS name");
        }
        return name.toLowerCase(Locale.ROOT);
    }

    /// An IPv4 address and a port in their plainest form, as a hundred thousand endpoints may have it; null when it is
    /// anything else, good or not.
    private static @Nullable Address plain(String text) {
        byte[] ip = new byte[4];
        int octets = 0;
        int number = -1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                if (number == 0 || number > 65535) {
                    return null;
                }
                number = number < 0 ? c - '0' : 10 * number + c - '0';
            } else if (octets < 4 && number >= 0 && number <= 255 && c == (octets < 3 ? '.' : ':')) {
                ip[octets++] = (byte) number;
                number = -1;
            } else {
                return null;
            }
        }
        return octets == 4 && number > 0 && number <= 65535 ? new Address(address(ip), number) : null;
    }

    private static boolean isServer(InetAddress ip) {
        return !ip.isAnyLocalAddress() && !ip.isMulticastAddress();
    }

    private static Address server(String host, String port) throws Malformed {
        return new Address(serverIp(host), port(port, 1));
    }

    private static InetAddress serverIp(String host) throws Malformed {
        if (host.equals("*")) {
            throw new Malformed("`*` means every address; an endpoint is one: `10.0.0.1:8080`");
        }
        InetAddress ip = ip(host);
        if (!isServer(ip)) {
            throw new Malformed("`" + host + "` is no address of a server");
        }
        return ip;
    }

    /// As RFC 5952 §4 asks: lower case, and the longest run of two or more zero groups as `::`.
    static String write(Address address) {
        if (address.ip() instanceof Inet6Address) {
            return "[" + write(address.ip()) + "]:" + address.port();
        }
        // There may be a hundred thousand endpoints: in one piece.
        byte[] octets = address.ip().getAddress();
        StringBuilder text = new StringBuilder("255.255.255.255:65535".length());
        for (int i = 0; i < octets.length; i++) {
            text.append(octets[i] & 0xff).append(i < octets.length - 1 ? '.' : ':');
        }
        return text.append(address.port()).toString();
    }

    static String write(InetAddress address) {
        return address instanceof Inet6Address ip ? ipv6(ip.getAddress()) : address.getHostAddress();
    }

    private static String ipv6(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
        }
        int from = 0;
        int length = 0;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                from = i;
                length = end - i;
            }
        }
        return length < 2 ? joined(groups, 0, 8) : joined(groups, 0, from) + "::" + joined(groups, from + length, 8);
    }

    private static String joined(int[] groups, int from, int to) {
        return Arrays.stream(groups, from, to).mapToObj(Integer::toHexString).collect(Collectors.joining(":"));
    }

    private static Matcher split(String text) throws Malformed {
        Matcher matcher = PARTS.matcher(text);
        if (matcher.matches()) {
            return matcher;
        }
        if (IPV6.matcher(text).matches() && text.indexOf(':') >= 0) {
            throw new Malformed("an IPv6 address stands in brackets, with the port behind them: `[::1]:8080`");
        }
        if (PORT.matcher(text).matches()) {
            throw new Malformed("`" + text + "` is a port without an address: write `127.0.0.1:" + text + "`");
        }
        if (text.indexOf(':') < 0 && !text.isEmpty()) {
            throw new Malformed("`" + text + "` has no port; write `" + text + ":8080`");
        }
        throw new Malformed("expected an address such as `10.0.0.1:8080` or `[::1]:8080`, found "
                + (text.isEmpty() ? "nothing" : "`" + text + "`"));
    }

    private static int port(String text, int least) throws Malformed {
        if (text.isEmpty()) {
            throw new Malformed("there is no port behind the `:`");
        }
        int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : -1;
        if (port < least || port > 65535) {
            throw new Malformed("port `" + text + "` is not from " + least + " to 65535");
        }
        return port;
    }

    /// Of texts that were read one by one: what was none has been told, and stands there as an empty text.
    static List<InetAddress> addresses(List<String> literals) {
        return literals.stream()
                .filter(each -> !each.isEmpty())
                .map(InetAddress::ofLiteral)
                .toList();
    }

    private static InetAddress ip(String host) throws Malformed {
        boolean bracketed = host.startsWith("[");
        if (host.isEmpty()) {
            throw new Malformed("there is no IP address before the port");
        }
        if (!bracketed && NAME.matcher(host).matches()) {
            String instead = host.equals("localhost") ? ": write `127.0.0.1`" : "";
            throw new Malformed(
                    "`" + host + "` is a name; only IP addresses are taken, names are not resolved" + instead);
        }
        String literal = bracketed ? host.substring(1, host.length() - 1) : host;
        if (bracketed ? isIpv6(literal) : isIpv4(literal)) {
            try {
                return InetAddress.ofLiteral(literal);
            } catch (IllegalArgumentException notAnAddress) {
                // Said below, in our own words.
            }
        }
        throw new Malformed("`" + host + "` is no IP address");
    }

    private static boolean isIpv6(String text) {
        return IPV6.matcher(text).matches() && text.indexOf(':') >= 0;
    }

    /// Four decimal numbers. The older shapes (`10.1`, `0177.0.0.1`) are refused: programs disagree on them.
    private static boolean isIpv4(String text) {
        String[] octets = text.split("[.]", -1);
        if (octets.length != 4) {
            return false;
        }
        for (String octet : octets) {
            if (!OCTET.matcher(octet).matches() || Integer.parseInt(octet) > 255) {
                return false;
            }
        }
        return true;
    }
}
