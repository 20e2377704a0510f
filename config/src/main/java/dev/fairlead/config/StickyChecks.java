package dev.fairlead.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;

/// Whether the parts of `sticky` fit together, and the upstream's listeners. Problems are told by their path.
final class StickyChecks {
    /// Fields whose meaning HTTP has fixed: a value of ours in them would break the exchange.
    private static final Set<String> TAKEN = Set.of(
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "date",
            "expect",
            "forwarded",
            "host",
            "keep-alive",
            "location",
            "proxy-connection",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via");

    private final UpstreamSpec upstream;
    private final String path;
    private final BiConsumer<String, String> error;

    /// `error` takes a path and a message.
    StickyChecks(UpstreamSpec upstream, BiConsumer<String, String> error) {
        this.upstream = upstream;
        this.path = "/upstreams/" + YamlText.escaped(upstream.name()) + "/sticky";
        this.error = error;
    }

    void run() {
        StickySpec sticky = upstream.sticky();
        if (sticky == null) {
            return;
        }
        List<String> kinds = sticky.kinds();
        if (kinds.isEmpty()) {
            error.accept(path, "nothing to stick by: give `cookie`, `header` or `source-address`");
        } else if (kinds.size() > 1) {
            error.accept(path, Nearest.list(kinds, "and") + " exclude each other: keep one");
        } else {
            one(sticky);
        }
    }

    private void one(StickySpec sticky) {
        if (sticky.cookie() == null) {
            for (String key : sticky.attributes()) {
                error.accept(path + "/" + key, "only a `cookie` has `" + key + "`");
            }
        } else {
            cookie(sticky.cookie(), sticky);
        }
        if (!sticky.isSigned() && sticky.keysFile() != null) {
            error.accept(path + "/keys-file", "nothing is signed with `source-address`");
        }
        String header = sticky.header();
        if (header != null && TAKEN.contains(header.toLowerCase(Locale.ROOT))) {
            error.accept(path + "/header", "HTTP gives `" + header + "` a meaning of its own: take another name");
        }
    }

    /// RFC 6265bis §4.1.3 and §5.7: what browsers refuse would never come back.
    private void cookie(String name, StickySpec sticky) {
        boolean isSecure = Boolean.TRUE.equals(sticky.secure());
        String lower = name.toLowerCase(Locale.ROOT);
        boolean isHost = lower.startsWith("__host-");
        if ((isHost || lower.startsWith("__secure-")) && !isSecure) {
            error.accept(path + "/cookie", "browsers take a cookie of this name only with `secure: true`");
        }
        if (isHost && sticky.path() != null && !sticky.path().equals("/")) {
            error.accept(path + "/path", "browsers take a `__Host-` cookie only with the path `/`");
        }
        if (sticky.path() != null && sticky.path().contains(";")) {
            error.accept(path + "/path", "the path of a cookie cannot have a `;`");
        }
        if (sticky.sameSite() == StickySpec.SameSite.NONE && !isSecure) {
            error.accept(path + "/same-site", "browsers take `none` only with `secure: true`");
        }
    }

    /// A flow brings neither cookie nor header. `user` says which listener it is of.
    void layer4(String user) {
        StickySpec sticky = upstream.sticky();
        if (sticky == null || sticky.kinds().size() != 1 || !sticky.isSigned()) {
            return;
        }
        String kind = sticky.kinds().getFirst();
        error.accept(path + "/" + kind, "only requests bring a " + kind + ", and " + user + ": use `source-address`");
    }
}
