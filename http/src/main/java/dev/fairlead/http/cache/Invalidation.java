package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/// What the answer to a request that changes something makes of what is kept: unless it failed, the target is
/// forgotten, and so is what `Location` and `Content-Location` name on the same host (RFC 9111 §4.4), whichever of the
/// listener's routes keeps it. A key that holds fields or cookies besides the target is forgotten as this client has
/// them.
public final class Invalidation implements ResponseFilter {
    private final @Nullable ResponseFilter next;
    private final Cache cache;
    private final Keepers keepers;

    public Invalidation(@Nullable ResponseFilter next, Cache cache, Keepers keepers) {
        this.next = next;
        this.cache = cache;
        this.keepers = keepers;
    }

    @Override
    public void change(Exchange exchange, ResponseHead head) {
        if (head.status() >= 200 && head.status() < 400) {
            keepers.forget(exchange, cache);
            named(exchange, head.fields(), FieldName.LOCATION);
            named(exchange, head.fields(), FieldName.CONTENT_LOCATION);
        }
        if (next != null) {
            next.change(exchange, head);
        }
    }

    private void named(Exchange exchange, Fields fields, FieldName name) {
        String value = fields.valueText(name);
        if (value == null) {
            return;
        }
        try {
            String host = exchange.request().authorityText();
            URI base = new URI("http://" + host + exchange.request().targetText());
            URI target = base.resolve(new URI(value));
            if (host.equalsIgnoreCase(target.getRawAuthority())) {
                String query = target.getRawQuery();
                String path = target.getRawPath();
                String whole = (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
                keepers.forget(exchange, cache, whole);
            }
        } catch (URISyntaxException | IllegalArgumentException _) {
            // It names nothing that could be kept.
        }
    }
}
