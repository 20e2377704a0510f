package dev.fairlead.http.filter;

import dev.fairlead.config.Cidr;
import dev.fairlead.config.HeadersSpec;
import dev.fairlead.config.HeadersSpec.ClientFrom;
import dev.fairlead.config.HeadersSpec.TraceContext;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Requests' heads, clients and terms for tests of filters.
public final class Heads {
    private Heads() {}

    /// `GET /a/b?q=1` to `shop.test:81`, with these lines `name: value`.
    public static RequestHead request(String... lines) {
        return of("GET", "/a/b?q=1", lines);
    }

    public static RequestHead of(String method, String target, String... lines) {
        RequestHead head = new RequestHead();
        String start = method + " " + target + " HTTP/1.1\r\n";
        head.fields().append(Unpooled.copiedBuffer(start, StandardCharsets.ISO_8859_1), start.length());
        head.method(0, method.length());
        int from = method.length() + 1;
        int question = target.indexOf('?');
        head.target(from, question < 0 ? from + target.length() : from + question, from + target.length());
        head.startLineEnd(start.length());
        add(head.fields(), "host: shop.test:81");
        int host = head.fields().valueStart(0);
        head.authority(host, host + "shop.test".length(), host + "shop.test:81".length());
        for (String line : lines) {
            add(head.fields(), line);
        }
        return head;
    }

    public static void add(Fields fields, String line) {
        String[] parts = line.split(": ?", 2);
        byte[] name = parts[0].getBytes(StandardCharsets.ISO_8859_1);
        byte[] value = parts[1].getBytes(StandardCharsets.ISO_8859_1);
        int hash = 0;
        for (byte b : name) {
            hash = FieldName.hash(hash, b);
        }
        fields.add(FieldName.of(name, 0, name.length, hash), name, value, 0, value.length);
    }

    static List<String> lines(Fields fields) {
        var out = new Bytes(256);
        fields.putLines(out);
        return List.of(out.toString().split("\r\n"));
    }

    public static Client client(String ip) {
        try {
            return new Client(new InetSocketAddress(InetAddress.getByName(ip), 1));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    static FieldTerms terms(ClientFrom from, String... trusted) {
        return new FieldTerms(new HeadersSpec(
                List.of(trusted).stream().map(Heads::block).toList(), from, "edge", 2, true, TraceContext.PASS, false));
    }

    private static Cidr block(String text) {
        String[] parts = text.split("/");
        try {
            return new Cidr(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
