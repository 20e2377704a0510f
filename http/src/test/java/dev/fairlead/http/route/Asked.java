package dev.fairlead.http.route;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// A request of these tests. `target` is path and query.
record Asked(String client, String method, String host, String target, List<Map.Entry<String, String>> fields) {
    static Asked get(String host, String target, String... fields) {
        List<Map.Entry<String, String>> pairs = new java.util.ArrayList<>();
        for (int i = 0; i < fields.length; i += 2) {
            pairs.add(Map.entry(fields[i], fields[i + 1]));
        }
        return new Asked("127.0.0.1", "GET", host, target, pairs);
    }

    Asked from(String address) {
        return new Asked(address, method, host, target, fields);
    }

    Asked by(String otherMethod) {
        return new Asked(client, otherMethod, host, target, fields);
    }

    String path() {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return path.isEmpty() ? "/" : path;
    }

    RequestHead head() {
        var head = new RequestHead();
        Fields all = head.fields();
        put(all, "x-start", method + " " + target);
        int start = all.valueStart(0);
        int path = start + method.length() + 1;
        int query = target.indexOf('?');
        head.method(start, start + method.length());
        head.target(path, path + (query < 0 ? target.length() : query), path + target.length());
        all.remove(0);
        put(all, "host", host);
        int authority = all.valueStart(1);
        head.authority(authority, authority + host.length(), authority + host.length());
        fields.forEach(each -> put(all, each.getKey(), each.getValue()));
        return head;
    }

    private static void put(Fields all, String name, String value) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        int hash = 0;
        for (byte each : text) {
            hash = FieldName.hash(hash, each);
        }
        all.add(FieldName.of(text, 0, text.length, hash), text, bytes, 0, bytes.length);
    }

    Client who() {
        try {
            return new Client(new InetSocketAddress(InetAddress.getByName(client), 40000));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(client, e);
        }
    }
}
