package dev.fairlead.http.exchange;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.balance.Hash;
import java.net.InetSocketAddress;

/// The hashes of what a request can be chosen by, straight from its bytes.
final class KeyHash {
    private KeyHash() {}

    static long of(HashKey key, InetSocketAddress client, RequestHead request) {
        return switch (key) {
            case HashKey.SourceAddress _ -> Hash.of(client.getAddress());
            case HashKey.SourceAddressAndPort _ -> Hash.with(Hash.of(client.getAddress()), client.getPort());
            case HashKey.Path _ -> Hash.of(request.fields().bytes(), request.targetStart(), request.pathEnd());
            case HashKey.Header header -> header(header.name(), request.fields());
            case HashKey.Cookie cookie -> cookie(cookie.name(), request.fields());
            case HashKey.Query query -> query(query.name(), request);
        };
    }

    private static long header(String name, Fields fields) {
        for (int i = 0; i < fields.count(); i++) {
            if (fields.isThere(i) && isName(name, fields.bytes(), fields.nameStart(i), fields.nameEnd(i))) {
                return Hash.of(fields.bytes(), fields.valueStart(i), fields.valueEnd(i));
            }
        }
        return Choice.NO_KEY;
    }

    /// RFC 9110 §5.1: field names are compared without case.
    private static boolean isName(String name, byte[] bytes, int from, int to) {
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (lower(name.charAt(i)) != lower((char) bytes[from + i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(char letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
    }

    /// RFC 6265 §4.2.1: `name=value; name=value`; HTTP/2 may split them over several fields.
    private static long cookie(String name, Fields fields) {
        for (int i = fields.find(FieldName.COOKIE); i >= 0; i = fields.findAfter(i, FieldName.COOKIE)) {
            long hash = pair(name, ';', fields.bytes(), fields.valueStart(i), fields.valueEnd(i));
            if (hash != Choice.NO_KEY) {
                return hash;
            }
        }
        return Choice.NO_KEY;
    }

    private static long query(String name, RequestHead request) {
        int from = request.pathEnd() + 1;
        int to = request.targetEnd();
        return from > to ? Choice.NO_KEY : pair(name, '&', request.fields().bytes(), from, to);
    }

    /// The value of the first `name=value` among those that `separator` parts.
    private static long pair(String name, char separator, byte[] bytes, int from, int to) {
        int start = from;
        while (start < to) {
            int end = start;
            while (end < to && bytes[end] != separator) {
                end++;
            }
            while (start < end && bytes[start] == ' ') {
                start++;
            }
            int equals = start + name.length();
            if (equals < end && bytes[equals] == '=' && isSame(name, bytes, start)) {
                return Hash.of(bytes, equals + 1, end);
            }
            start = end + 1;
        }
        return Choice.NO_KEY;
    }

    private static boolean isSame(String name, byte[] bytes, int from) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
