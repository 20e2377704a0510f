package dev.fairlead.http.codec;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The protocols that a client of HTTP/1.1 may switch its connection to (RFC 9110 §7.8), and what makes a handshake
/// of a WebSocket (RFC 6455 §4). An upgrade that is none of these is a hop-by-hop field and goes no further.
public final class Upgrades {
    private static final byte[] UPGRADE = ascii("upgrade");
    private static final byte[] WEBSOCKET = ascii("websocket");
    private static final byte[] ACCEPT_SUFFIX = ascii("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    /// Sixteen bytes in base 64.
    private static final int KEY_LENGTH = 24;

    private final byte[][] protocols;

    /// `protocols` in lower case.
    public Upgrades(List<String> protocols) {
        this.protocols = protocols.stream().map(Upgrades::ascii).toArray(byte[][]::new);
    }

    public boolean isAny() {
        return protocols.length > 0;
    }

    /// The protocol that the request asks for and may have, or null. Every field is still in the head.
    byte @Nullable [] askedBy(RequestHead request) {
        Fields fields = request.fields();
        if (!fields.mayHave(FieldName.UPGRADE) || !HopByHop.listHas(fields, FieldName.CONNECTION, UPGRADE)) {
            return null;
        }
        for (byte[] protocol : protocols) {
            if (HopByHop.listHas(fields, FieldName.UPGRADE, protocol)) {
                return isWebSocket(protocol) && !isHandshake(request) ? null : protocol;
            }
        }
        return null;
    }

    /// RFC 6455 §4.2.1: a GET with one key. What is none is no handshake to any server, and is passed on as the plain
    /// request that it is. Versions are the endpoint's to agree on.
    private static boolean isHandshake(RequestHead request) {
        Fields fields = request.fields();
        int key = fields.find(FieldName.SEC_WEBSOCKET_KEY);
        return request.method() == Method.GET
                && key >= 0
                && fields.findAfter(key, FieldName.SEC_WEBSOCKET_KEY) < 0
                && fields.valueEnd(key) - fields.valueStart(key) == KEY_LENGTH;
    }

    /// What is wrong with a 101 as the answer to this request, or null: then only end-to-end fields are left in it.
    /// An endpoint that can be talked into a 101 without meaning it would open a way past every rule here, so the
    /// proof of RFC 6455 §4.2.2 is asked for.
    static @Nullable HeadError wrongIn(Fields answer, RequestHead request) {
        byte[] asked = request.upgrade();
        if (asked == null) {
            return HeadError.UPGRADE_UNASKED;
        }
        int named = answer.find(FieldName.UPGRADE);
        if (named < 0
                || answer.findAfter(named, FieldName.UPGRADE) >= 0
                || !Ascii.equalsIgnoreCase(answer.bytes(), answer.valueStart(named), answer.valueEnd(named), asked)
                || !HopByHop.listHas(answer, FieldName.CONNECTION, UPGRADE)) {
            return HeadError.UPGRADE_OTHER;
        }
        if (isWebSocket(asked) && !isProved(answer, request.fields())) {
            return HeadError.UPGRADE_UNPROVED;
        }
        HopByHop.remove(answer);
        // RFC 9110 §8.6: not in a 1xx. What follows has no length.
        answer.removeAll(FieldName.CONTENT_LENGTH);
        return null;
    }

    /// Makes the head of an agreement of HTTP/2 (RFC 8441 §5: a status of success) that of HTTP/1.1 to this request.
    public static void agreed(ResponseHead head, RequestHead request) {
        Fields fields = head.fields();
        byte[] asked = request.upgrade();
        head.status(101, 0, 0);
        head.contentLength(0);
        head.bodiless(true);
        fields.removeAll(FieldName.CONTENT_LENGTH);
        fields.removeAll(FieldName.SEC_WEBSOCKET_ACCEPT);
        int key = request.fields().find(FieldName.SEC_WEBSOCKET_KEY);
        if (asked != null && isWebSocket(asked) && key >= 0) {
            fields.add(FieldName.SEC_WEBSOCKET_ACCEPT, proof(request.fields(), key));
        }
    }

    private static boolean isProved(Fields answer, Fields request) {
        int proof = answer.find(FieldName.SEC_WEBSOCKET_ACCEPT);
        int key = request.find(FieldName.SEC_WEBSOCKET_KEY);
        if (proof < 0 || answer.findAfter(proof, FieldName.SEC_WEBSOCKET_ACCEPT) >= 0 || key < 0) {
            return false;
        }
        return answer.valueText(proof).equals(proof(request, key));
    }

    private static String proof(Fields request, int key) {
        MessageDigest sha1 = sha1();
        sha1.update(request.bytes(), request.valueStart(key), request.valueEnd(key) - request.valueStart(key));
        return Base64.getEncoder().encodeToString(sha1.digest(ACCEPT_SUFFIX));
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-1", impossible);
        }
    }

    /// By value: a reload makes new arrays.
    private static boolean isWebSocket(byte[] protocol) {
        return Ascii.equalsIgnoreCase(protocol, 0, protocol.length, WEBSOCKET);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
