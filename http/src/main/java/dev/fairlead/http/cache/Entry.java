package dev.fairlead.http.cache;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One response that is kept: its head as it came, its body, for which requests it is, and how long. Immutable but
/// for a body that grows. Any thread.
final class Entry {
    /// What an entry weighs besides its bytes: objects and the place in the index, measured.
    private static final int OVERHEAD = 600;

    /// Fields that a 304 does not replace, since they say what the bytes are that we hold (RFC 9111 §3.2).
    private static final Set<String> KEPT = Set.of(
            "content-length", "content-range", "content-encoding", "content-digest", "content-md5", "digest", "etag");

    private final ResponseHead head;
    private final Body body;
    private final Freshness freshness;
    private final Vary vary;
    private final @Nullable String etag;
    private final @Nullable String lastModified;

    /// The head is its own from now on.
    Entry(ResponseHead head, Body body, Freshness freshness, Vary vary) {
        this.head = head;
        this.body = body;
        this.freshness = freshness;
        this.vary = vary;
        this.etag = head.fields().valueText(FieldName.ETAG);
        this.lastModified = head.fields().valueText(FieldName.LAST_MODIFIED);
    }

    /// Of a response that came with this head, of which some fields are not to be stored.
    static Entry of(ResponseHead head, Body body, Freshness freshness, Vary vary) {
        ResponseHead own = head.copy();
        own.fields().removeAll(FieldName.AGE);
        for (String name : Freshness.control(head.fields()).withheld()) {
            own.fields().removeAll(FieldName.of(name), name.getBytes(StandardCharsets.ISO_8859_1));
        }
        return new Entry(own, body, freshness, vary);
    }

    /// Nobody changes it.
    ResponseHead head() {
        return head;
    }

    Body body() {
        return body;
    }

    Freshness freshness() {
        return freshness;
    }

    Vary vary() {
        return vary;
    }

    /// As it came, quotes and all.
    @Nullable
    String etag() {
        return etag;
    }

    @Nullable
    String lastModified() {
        return lastModified;
    }

    /// What is kept of it when that is not all; null when it is.
    @Nullable
    PartialBody parts() {
        return body instanceof PartialBody parts ? parts : null;
    }

    /// Whether it is sent from a file of the disk tier.
    boolean isFiled() {
        return file() != null;
    }

    /// The file that it is sent from; null when it is in memory.
    @Nullable
    StoredFile file() {
        return body instanceof StandingBody(Extent extent) ? extent.file() : null;
    }

    /// This response, of whose `size` bytes these are there, from there on; the caller's hold is used.
    Entry part(long size, long from, Body bytes) {
        return with(bytes.size() == size ? bytes : new PartialBody(size, from, bytes));
    }

    Entry with(Body other) {
        return new Entry(head, other, freshness, vary);
    }

    /// Held once more.
    Entry held() {
        body.hold();
        return this;
    }

    /// What becomes of this when those parts came of the same response, by the newer head (RFC 9111 §3.4): what is kept
    /// is held for the caller then. Null: this stays as it is, since it is whole, or there is no room.
    @Nullable
    Entry with(Entry parts, Pages in) {
        PartialBody here = parts();
        PartialBody more = parts.parts();
        if (here == null) {
            return null;
        }
        if (more == null || !isSame(parts.etag, more.size())) {
            return parts.held();
        }
        Body all = here.with(more, in);
        return all == null ? null : of(updated(parts.head), all, parts.freshness, parts.vary);
    }

    /// Whether bytes that come with this tag, of so many, are of this body: only a strong one tells (RFC 9110
    /// §15.3.7.3).
    boolean isSame(@Nullable String tag, long size) {
        return etag != null && etag.startsWith("\"") && etag.equals(tag) && body.size() == size;
    }

    boolean hasValidator() {
        return etag != null || lastModified != null;
    }

    /// Its bytes.
    long size() {
        return head.fields().length() + body.size();
    }

    /// What of it is to be held until it is written: not what stands in a file.
    long waitingBytes() {
        return isFiled() ? head.fields().length() : size();
    }

    int weight() {
        return (int) Math.min(Integer.MAX_VALUE, OVERHEAD + head.fields().length() + body.weight());
    }

    /// The same as it is kept, see [Body#compact]; the caller holds its body. Null when there is no room.
    @Nullable
    Entry compact(Pages in) {
        Body one = body.compact(in);
        if (one == null) {
            return null;
        }
        return one.equals(body) ? this : with(one);
    }

    Entry with(Freshness other) {
        return new Entry(head, body, other, vary);
    }

    /// Its head as one that came later makes it: the fields of that replace those of the same name (RFC 9111 §4.3.4,
    /// §3.2). Not all of them are to be stored, see [#of].
    ResponseHead updated(ResponseHead later) {
        ResponseHead fresh = head.copy();
        Fields fields = fresh.fields();
        Fields newer = later.fields();
        for (int i = 0; i < newer.count(); i++) {
            if (isReplacing(newer, i)) {
                byte[] name = lowerName(newer, i);
                fields.removeAll(newer.name(i), name);
            }
        }
        for (int i = 0; i < newer.count(); i++) {
            if (isReplacing(newer, i)) {
                byte[] name = Arrays.copyOfRange(newer.bytes(), newer.nameStart(i), newer.nameEnd(i));
                fields.add(newer.name(i), name, newer.bytes(), newer.valueStart(i), newer.valueEnd(i));
            }
        }
        return fresh;
    }

    private static boolean isReplacing(Fields fields, int field) {
        return fields.isThere(field) && !KEPT.contains(fields.nameText(field).toLowerCase(Locale.ROOT));
    }

    private static byte[] lowerName(Fields fields, int field) {
        return fields.nameText(field).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
    }
}
