package dev.fairlead.http.filter;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Finds who asked in what trusted proxies say: from the last address backwards, the first one that is not trusted,
/// since everything before it is only that one's word. What is no address ends the walk at the last that was one.
/// One thread.
final class ClientChain {
    private final IpText ip = new IpText();
    private final ForwardedReader forwarded = new ForwardedReader();

    private @Nullable InetAddress found;
    private int element;

    /// What the last [#byForwarded] read.
    ForwardedReader forwarded() {
        return forwarded;
    }

    /// Which of its elements names the client; -1: none does.
    int element() {
        return element;
    }

    /// The client, or null when the chain names none.
    @Nullable
    InetAddress byForwarded(Fields fields, FieldTerms terms) {
        forwarded.read(fields);
        found = null;
        element = -1;
        for (int i = 0; i < forwarded.count(); i++) {
            int from = forwarded.start(i, ForwardedReader.FOR);
            int to = forwarded.end(i, ForwardedReader.FOR);
            if (!goesOn(fields.bytes(), from, to, terms, i)) {
                break;
            }
        }
        return found;
    }

    /// The client, or null when the chain names none. At most [ForwardedReader#ELEMENTS_MAX] addresses are looked at.
    @Nullable
    InetAddress byForwardedFor(Fields fields, FieldTerms terms) {
        found = null;
        element = -1;
        int seen = 0;
        byte[] bytes = fields.bytes();
        for (int i = fields.count() - 1; i >= 0; i--) {
            if (fields.name(i) != FieldName.X_FORWARDED_FOR || !fields.isThere(i)) {
                continue;
            }
            int start = fields.valueStart(i);
            int end = fields.valueEnd(i);
            while (end >= start) {
                int from = end;
                while (from > start && bytes[from - 1] != ',') {
                    from--;
                }
                if (seen++ == ForwardedReader.ELEMENTS_MAX || !isAddressOfProxy(bytes, from, end, terms)) {
                    return found;
                }
                end = from - 1;
            }
        }
        return found;
    }

    private boolean isAddressOfProxy(byte[] bytes, int start, int end, FieldTerms terms) {
        int from = start;
        int to = end;
        while (from < to && Ascii.isSpace(bytes[from])) {
            from++;
        }
        while (to > from && Ascii.isSpace(bytes[to - 1])) {
            to--;
        }
        // RFC 9110 §5.6.1.2: an empty element counts for nothing.
        return from == to || goesOn(bytes, from, to, terms, 0);
    }

    /// Takes the address, if it is one. Whether that is a trusted proxy, of which the one before may be believed.
    private boolean goesOn(byte[] bytes, int from, int to, FieldTerms terms, int at) {
        InetAddress address = ip.read(bytes, from, to);
        if (address == null) {
            return false;
        }
        found = address;
        element = at;
        return terms.trusts(address);
    }
}
