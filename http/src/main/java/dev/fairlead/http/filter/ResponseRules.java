package dev.fairlead.http.filter;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Applies a route's rules to a final response, after another filter if there is one. This loop only.
public final class ResponseRules implements ResponseFilter {
    private final @Nullable ResponseFilter before;
    private final HeaderRules rules;
    private final Bytes scratch;

    /// `scratch` is the loop's, and nobody else's while a head is changed.
    public ResponseRules(@Nullable ResponseFilter before, HeaderRules rules, Bytes scratch) {
        this.before = before;
        this.rules = rules;
        this.scratch = scratch;
    }

    @Override
    public void change(Exchange exchange, ResponseHead head) {
        if (before != null) {
            before.change(exchange, head);
        }
        rules.apply(head.fields(), exchange.request(), exchange.client(), exchange.route(), scratch);
    }
}
