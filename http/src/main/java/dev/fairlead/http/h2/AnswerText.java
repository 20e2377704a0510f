package dev.fairlead.http.h2;

import dev.fairlead.http.codec.HeadError;
import dev.fairlead.http.codec.ResponseReader;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.Reason;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/// Writes the heads of responses down as HTTP/1.1 would have them, as [BlockText] does requests: one reader reads
/// both, and nothing in a block can become a line, a field or a message that is not in it.
final class AnswerText {
    private static final AsciiString STATUS = AsciiString.cached(":status");

    private AnswerText() {}

    /// Puts the head. What is malformed (RFC 9113 §8.2, §8.3.2), or null.
    static @Nullable String head(FieldBlock block, Bytes out) {
        out.clear();
        if (block.count() == 0 || !block.name(0).contentEquals(STATUS) || !isStatus(block.value(0))) {
            return "malformed :status";
        }
        out.put("HTTP/1.1 ");
        BlockText.put(block.value(0), out);
        out.put((byte) ' ')
                .put(Reason.text(block.value(0).parseInt()))
                .put((byte) '\r')
                .put((byte) '\n');
        for (int i = 1; i < block.count(); i++) {
            AsciiString name = block.name(i);
            String wrong = BlockText.isValue(block.value(i)) ? BlockText.wrongIn(name) : "malformed field value";
            if (wrong != null) {
                return wrong;
            }
            BlockText.line(name, block.value(i), out);
        }
        out.put((byte) '\r').put((byte) '\n');
        return null;
    }

    private static boolean isStatus(AsciiString status) {
        boolean good = status.length() == 3;
        for (int i = 0; i < status.length(); i++) {
            good &= status.byteAt(i) >= '0' && status.byteAt(i) <= '9';
        }
        return good;
    }

    /// Reads what [#head] has put, as any head of HTTP/1.1. What is wrong, or null.
    static @Nullable HeadError read(Bytes text, ResponseReader reader, Method asked) {
        reader.reset();
        boolean isRead = reader.read(Unpooled.wrappedBuffer(text.array(), 0, text.length()));
        assert isRead : "a head has an end";
        HeadError wrong = reader.error();
        return wrong == null ? reader.finish(asked) : wrong;
    }
}
