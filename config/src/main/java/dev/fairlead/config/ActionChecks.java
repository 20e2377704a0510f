package dev.fairlead.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Whether a route does one thing, and whether it can be done. Problems are told by their path.
final class ActionChecks {
    /// Where a message ends, and what is about one connection, is Fairlead's own to say.
    private static final Set<String> FRAMING = Set.of(
            "connection",
            "content-length",
            "expect",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> BODILESS = Set.of(204, 205, 304);

    private final BiConsumer<String, String> error;
    private final PathChecks paths;

    /// `error` takes a path and a message.
    ActionChecks(BiConsumer<String, String> error) {
        this.error = error;
        this.paths = new PathChecks(error);
    }

    void listener(HttpListenerSpec listener, String path) {
        rules(listener.requestHeaders(), true, path + "/request-headers");
        rules(listener.responseHeaders(), false, path + "/response-headers");
        pages(listener.errorPages(), path + "/error-pages");
        compress(listener.compress(), path + "/compress");
    }

    void route(RouteSpec route, String path) {
        List<String> actions = new ArrayList<>();
        if (route.upstream() != null) {
            actions.add("upstream");
        }
        if (!route.split().isEmpty()) {
            actions.add("split");
        }
        if (route.redirect() != null) {
            actions.add("redirect");
            redirect(route.redirect(), route, path + "/redirect");
        }
        if (route.respond() != null) {
            actions.add("respond");
            respond(route.respond(), path + "/respond");
        }
        if (route.cache() != null && route.upstream() == null && route.split().isEmpty()) {
            error.accept(path + "/cache", "`cache` keeps what an upstream answers, and the route asks none");
        }
        if (route.compress() != null
                && route.upstream() == null
                && route.split().isEmpty()) {
            error.accept(path + "/compress", "`compress` is for what an upstream answers, and the route asks none");
        }
        compress(route.compress(), path + "/compress");
        if (actions.isEmpty()) {
            error.accept(path, "the route does nothing: give it `upstream`, `split`, `redirect` or `respond`");
        } else if (actions.size() > 1) {
            error.accept(path, Nearest.list(actions, "and") + " exclude each other: keep one");
        }
        if (route.rewrite() != null) {
            rewrite(route.rewrite(), route, path + "/rewrite");
        }
        if (route.upstream() == null && route.split().isEmpty() && !actions.isEmpty()) {
            forwardedOnly(route, path);
        }
        rules(route.requestHeaders(), true, path + "/request-headers");
        rules(route.responseHeaders(), false, path + "/response-headers");
        pages(route.errorPages(), path + "/error-pages");
    }

    private void compress(@Nullable CompressSpec compress, String path) {
        if (compress == null) {
            return;
        }
        if (compress.sizeMin() > compress.sizeMax()) {
            error.accept(path + "/size-max", "nothing is both as long as `size-min` and as short as `size-max`");
        }
        for (int i = 0; i < compress.types().size(); i++) {
            MediaRange type = compress.types().get(i);
            if (!type.parameters().isEmpty()) {
                error.accept(
                        path + "/types/" + i, "`" + type + "`: parameters such as a charset make no difference here");
            }
        }
    }

    private void forwardedOnly(RouteSpec route, String path) {
        String needs = "only what goes to an `upstream` has it";
        if (route.rewrite() != null) {
            error.accept(path + "/rewrite", needs);
        }
        if (!route.requestHeaders().isEmpty()) {
            error.accept(path + "/request-headers", needs);
        }
        if (route.mirror() != null) {
            error.accept(path + "/mirror", needs);
        }
        if (route.timeouts() != null) {
            error.accept(path + "/timeouts", needs);
        }
    }

    private void redirect(RedirectSpec redirect, RouteSpec route, String path) {
        if (!REDIRECTS.contains(redirect.status())) {
            error.accept(path + "/status", "expected 301, 302, 303, 307 or 308, found `" + redirect.status() + "`");
        }
        paths.run(redirect.path(), redirect.prefix(), redirect.template(), null, route.match(), path);
        boolean isSame = redirect.scheme() == null
                && redirect.host() == null
                && redirect.port() == 0
                && redirect.path() == null
                && redirect.prefix() == null
                && redirect.template() == null
                && redirect.keepQuery();
        if (isSame) {
            error.accept(
                    path,
                    "it leads to where it comes from: give `scheme`, `host`, `port`, `path`, `prefix` or `template`");
        }
    }

    private void rewrite(RewriteSpec rewrite, RouteSpec route, String path) {
        paths.run(rewrite.path(), rewrite.prefix(), rewrite.template(), rewrite.regex(), route.match(), path);
        templates(rewrite.query().set(), path + "/query/set");
        templates(rewrite.query().add(), path + "/query/add");
        if (rewrite.host() != null && rewrite.endpointHost()) {
            error.accept(path + "/endpoint-host", "`host` and `endpoint-host` exclude each other: keep one");
        }
    }

    private void respond(RespondSpec respond, String path) {
        if (respond.body() != null && respond.file() != null) {
            error.accept(path + "/file", "`body` and `file` exclude each other: keep one");
        }
        boolean hasBody = respond.body() != null || respond.file() != null;
        if (hasBody && BODILESS.contains(respond.status())) {
            error.accept(path + "/status", "a " + respond.status() + " has no body");
        }
        if (respond.contentType() != null) {
            value(respond.contentType(), path + "/content-type");
        }
        values(respond.headers(), false, path + "/headers");
    }

    private void pages(List<ErrorPageSpec> pages, String path) {
        for (int i = 0; i < pages.size(); i++) {
            ErrorPageSpec page = pages.get(i);
            String at = path + "/" + i;
            if (page.body() != null && page.file() != null) {
                error.accept(at + "/file", "`body` and `file` exclude each other: keep one");
            } else if (page.body() == null && page.file() == null) {
                error.accept(at, "the page has no body: give it `body` or `file`");
            }
            if (page.status().isEmpty()) {
                error.accept(at + "/status", "the page is for no status: give it `status`");
            }
            if (page.status().stream().anyMatch(each -> each.first() < 400)) {
                error.accept(at + "/status", "only statuses of 400 to 599 are errors");
            }
            if (page.contentType() != null) {
                value(page.contentType(), at + "/content-type");
            }
        }
    }

    private void value(String text, String path) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                error.accept(path, "a field value is made of visible ASCII characters and spaces");
                return;
            }
        }
    }

    private void rules(HeaderRulesSpec rules, boolean ofRequest, String path) {
        values(rules.set(), ofRequest, path + "/set");
        values(rules.add(), ofRequest, path + "/add");
        for (int i = 0; i < rules.remove().size(); i++) {
            name(rules.remove().get(i), ofRequest, path + "/remove/" + i);
        }
    }

    private void values(Map<String, String> fields, boolean ofRequest, String path) {
        fields.keySet().forEach(name -> name(name, ofRequest, path + "/" + YamlText.escaped(name)));
        templates(fields, path);
    }

    private void templates(Map<String, String> values, String path) {
        values.forEach((name, value) -> {
            try {
                TemplateText.read(value);
            } catch (Malformed e) {
                error.accept(path + "/" + YamlText.escaped(name), e.sentence());
            }
        });
    }

    private void name(String name, boolean ofRequest, String path) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (FRAMING.contains(lower)) {
            error.accept(path, "`" + name + "` says how a message is sent, which is Fairlead's own to say");
        } else if (ofRequest && lower.equals("host")) {
            error.accept(path, "the host is changed by `rewrite: {host: ...}`");
        } else if (lower.equals("via")) {
            error.accept(path, "`Via` is a proxy's duty (RFC 9110 7.6.3); its name is the key `via` of the listener");
        }
    }
}
