package dev.fairlead.http.exchange;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Reason;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// The responses that Fairlead gives by itself when an exchange cannot go on. The only place that makes a fault
/// into a status: the client learns the kind of fault by `Proxy-Status` (RFC 9209), and never an address of ours.
public final class FaultResponses {
    private static final byte[] CONTENT_TYPE = "text/plain; charset=utf-8".getBytes(StandardCharsets.US_ASCII);

    private FaultResponses() {}

    /// Answers the exchange. Its response has not begun.
    public static void send(Downstream downstream, Fault fault, String details, boolean toHead) {
        ResponseHead head = new ResponseHead();
        String body = fault.status() + " " + Reason.text(fault.status()) + "\n";
        head.status(fault.status(), 0, 0);
        head.contentLength(body.length());
        head.bodiless(toHead);
        Fields fields = head.fields();
        fields.add(FieldName.CONTENT_TYPE, CONTENT_TYPE, 0, CONTENT_TYPE.length);
        fields.add(FieldName.CONTENT_LENGTH, Integer.toString(body.length()));
        fields.add(FieldName.PROXY_STATUS, proxyStatus(fault, details));
        downstream.respond(head);
        if (!toHead) {
            ByteBuf text = ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, body);
            downstream.body(text);
        }
        downstream.end(null);
        downstream.flush();
    }

    /// `fairlead; error=connection_refused; details="..."`. The details are ours: no text from outside is in them.
    private static String proxyStatus(Fault fault, String details) {
        String value = "fairlead; error=" + fault.error();
        return details.isEmpty() ? value : value + "; details=\"" + details + "\"";
    }
}
