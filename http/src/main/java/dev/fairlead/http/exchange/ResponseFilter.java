package dev.fairlead.http.exchange;

import dev.fairlead.http.message.ResponseHead;

/// What changes the final head of a response before it is sent, whoever gave it. Must leave alone the fields that say
/// where the body ends. The exchange's loop only.
public interface ResponseFilter {
    void change(Exchange exchange, ResponseHead head);
}
