package dev.fairlead.http.filter;

import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Tells clients that came by HTTP/1 or HTTP/2 that HTTP/3 is spoken beside them (`Alt-Svc`, RFC 7838 §3), if it is
/// to be told. What an endpoint says of itself there is not true of us, and goes from every answer: clients would go to
/// a port of ours where nobody listens. Immutable; any thread.
public final class Announcement implements ResponseFilter {
    private static final Announcement SILENT = new Announcement(null, null);

    private final @Nullable String value;
    private final @Nullable ResponseFilter before;

    private Announcement(@Nullable String value, @Nullable ResponseFilter before) {
        this.value = value;
        this.before = before;
    }

    public static Announcement of(HttpListenerSpec listener) {
        Http3Spec spoken = listener.http3();
        if (spoken == null || spoken.announce().isZero()) {
            return SILENT;
        }
        int other = spoken.announcePort();
        int port = other == 0 ? listener.addresses().getFirst().firstPort() : other;
        return new Announcement("h3=\":" + port + "\"; ma=" + spoken.announce().toSeconds(), null);
    }

    /// What is to be done to answers of the exchange, behind another filter.
    public ResponseFilter after(@Nullable ResponseFilter filter, Exchange exchange) {
        Announcement told = exchange.request().version() == HttpVersion.HTTP_3 ? SILENT : this;
        return filter == null ? told : new Announcement(told.value, filter);
    }

    @Override
    public void change(Exchange exchange, ResponseHead head) {
        if (before != null) {
            before.change(exchange, head);
        }
        head.fields().removeAll(FieldName.ALT_SVC);
        if (value != null) {
            head.fields().add(FieldName.ALT_SVC, value);
        }
    }
}
