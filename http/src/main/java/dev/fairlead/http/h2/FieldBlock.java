package dev.fairlead.http.h2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The fields of one block as HPACK or QPACK gives them: in their order, not yet checked. Used again for the next
/// block of a connection. One loop.
public final class FieldBlock extends DefaultHttp2Headers {
    private final List<AsciiString> texts = new ArrayList<>(64);

    public FieldBlock() {
        super(false);
    }

    /// Begins the next block.
    public FieldBlock begin() {
        texts.clear();
        return this;
    }

    /// What the decoder calls for each field.
    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        texts.add(AsciiString.of(name));
        texts.add(AsciiString.of(value));
        return this;
    }

    /// What the decoder asks of a response, to know whether another head follows it.
    @Override
    public @Nullable CharSequence status() {
        for (int i = 0; i < count(); i++) {
            if (Http2Headers.PseudoHeaderName.STATUS.value().contentEquals(name(i))) {
                return value(i);
            }
        }
        return null;
    }

    int count() {
        return texts.size() / 2;
    }

    AsciiString name(int field) {
        return texts.get(field * 2);
    }

    AsciiString value(int field) {
        return texts.get(field * 2 + 1);
    }
}
