package dev.fairlead.http.explain;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A request that nobody sends: what would become of it? `fields` are lines `Name: value`; a `Host` among them takes
/// the place of the URL's.
public record Question(String method, Url url, List<String> fields, InetAddress client) {
    public Question {
        fields = List.copyOf(fields);
    }

    /// The head as a client would send it. A line break in one of the parts is sent too: it is read as it would be
    /// from a client.
    public byte[] head() {
        var head = new StringBuilder();
        head.append(method).append(' ').append(url.target()).append(" HTTP/1.1\r\n");
        if (fields.stream().noneMatch(Question::isHost)) {
            head.append("Host: ").append(url.authority()).append("\r\n");
        }
        fields.forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isHost(String line) {
        return line.regionMatches(true, 0, "host:", 0, "host:".length());
    }
}
