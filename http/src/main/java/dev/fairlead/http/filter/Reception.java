package dev.fairlead.http.filter;

import dev.fairlead.config.HeadersSpec.TraceContext;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;

/// What happens to every request before it is routed: its fields say afterwards who asks, and for the rest only what
/// may be believed, so that routes and rules see the same as the endpoint. Knows heads, no connections. One thread.
public final class Reception {
    private final ForwardedFields forwarded = new ForwardedFields();
    private final RequestIds ids;
    private final TraceContexts traces;

    public Reception() {
        var random = new RandomHex();
        ids = new RequestIds(random);
        traces = new TraceContexts(random);
    }

    /// Changes the head of a request that came from `peer`. Who asked: the peer, or its client when it is trusted.
    public Client receive(RequestHead request, Client peer, FieldTerms terms) {
        Client client = forwarded.add(request, peer, terms);
        if (terms.spec().requestId()) {
            ids.add(request.fields(), terms.trusts(peer.address().getAddress()));
        }
        if (terms.spec().traceparent() != TraceContext.PASS) {
            traces.add(request.fields(), terms.spec().traceparent());
        }
        return client;
    }

    /// Whether the request has been here too often, by its `Via` (RFC 9110 §7.6.3). To be asked before [#receive],
    /// which adds to it.
    public static boolean isLoop(Fields fields, FieldTerms terms) {
        int seen = 0;
        for (int i = fields.find(FieldName.VIA); i >= 0; i = fields.findAfter(i, FieldName.VIA)) {
            seen += passes(fields.bytes(), fields.valueStart(i), fields.valueEnd(i), terms.viaName());
        }
        return seen > terms.spec().viaMax();
    }

    /// How many members of the list are `received-protocol RWS received-by` by this name. Commas in comments count
    /// as ends of members: who says more of us there than is true only harms its own request.
    private static int passes(byte[] bytes, int from, int to, byte[] name) {
        int passes = 0;
        int at = from;
        while (at < to) {
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int protocol = skipSpaces(bytes, at, end);
            int by = skipSpaces(bytes, skipWord(bytes, protocol, end), end);
            if (Ascii.equalsIgnoreCase(bytes, by, skipWord(bytes, by, end), name)) {
                passes++;
            }
            at = end + 1;
        }
        return passes;
    }

    private static int skipSpaces(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    private static int skipWord(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && !Ascii.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    /// RFC 9110 §7.6.2: takes one from the `Max-Forwards` of OPTIONS. False when there is none left: the request is
    /// for us. For other methods the field means nothing; nor does one that is no number.
    public static boolean mayForward(RequestHead request) {
        Fields fields = request.fields();
        int field = request.method() == Method.OPTIONS ? fields.find(FieldName.MAX_FORWARDS) : -1;
        if (field < 0) {
            return true;
        }
        long left = Ascii.digits(fields.bytes(), fields.valueStart(field), fields.valueEnd(field));
        if (left > 0) {
            fields.removeAll(FieldName.MAX_FORWARDS);
            fields.add(FieldName.MAX_FORWARDS, Long.toString(left - 1));
        }
        return left != 0;
    }
}
