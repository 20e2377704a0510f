package dev.fairlead.http.exchange;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Reason;
import java.nio.charset.StandardCharsets;

/// The responses that Fairlead gives by itself when an exchange cannot go on. The only place that makes a fault
/// into a status: the client learns the kind of fault by `Proxy-Status` (RFC 9209), and never an address of ours.
public final class FaultResponses {
    private static final byte[] CONTENT_TYPE = "text/plain; charset=utf-8".getBytes(StandardCharsets.US_ASCII);

    private FaultResponses() {}

    /// Answers the exchange. Its response has not begun.
    public static void send(Exchange exchange, Fault fault, String details) {
        of(exchange, fault, details).send();
    }

    /// The answer, not yet sent.
    public static OwnResponse of(Exchange exchange, Fault fault, String details) {
        OwnResponse response = new OwnResponse(exchange, fault.status());
        Fields fields = response.fields();
        fields.add(FieldName.PROXY_STATUS, proxyStatus(exchange.identity(), fault, details));
        ErrorPage page = exchange.page(fault.status());
        if (page != null) {
            return page.on(response, exchange);
        }
        fields.add(FieldName.CONTENT_TYPE, CONTENT_TYPE, 0, CONTENT_TYPE.length);
        String text = fault.status() + " " + Reason.text(fault.status()) + "\n";
        return response.body(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// `fairlead; error=connection_refused; details="..."`. The details are ours: no text from outside is in them.
    private static String proxyStatus(Identity identity, Fault fault, String details) {
        String value = identity.token() + "; error=" + fault.error();
        return details.isEmpty() ? value : value + "; details=\"" + details + "\"";
    }
}
