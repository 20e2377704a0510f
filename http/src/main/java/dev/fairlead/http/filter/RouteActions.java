package dev.fairlead.http.filter;

import dev.fairlead.config.HeaderRulesSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.ErrorPage;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import org.jspecify.annotations.Nullable;

/// What a route does beside forwarding: its own answers, what it changes of a request, and what of a response. Made
/// with the route, knows heads and no connections. Immutable.
public final class RouteActions {
    private final String route;
    private final @Nullable Redirect redirect;
    private final @Nullable FixedAnswer answer;
    private final @Nullable PathChange path;
    private final @Nullable QueryChange query;
    private final boolean keepsQuery;
    private final @Nullable String host;
    private final boolean isHostOfEndpoint;
    private final long bodyBytesMax;
    private final @Nullable HeaderRules requestRules;
    private final @Nullable HeaderRules responseRules;
    private final ErrorPage @Nullable [] pages;

    private RouteActions(RouteSpec spec) {
        var rewrite = spec.rewrite();
        this.route = spec.name();
        this.redirect = spec.redirect() == null ? null : new Redirect(spec.redirect(), spec.match());
        this.answer = spec.respond() == null ? null : new FixedAnswer(spec.respond());
        this.path = rewrite == null ? null : PathChange.of(rewrite, spec.match());
        this.query = rewrite == null ? null : QueryChange.of(rewrite.query());
        this.keepsQuery = rewrite == null || rewrite.keepQuery();
        this.host = rewrite == null ? null : rewrite.host();
        this.isHostOfEndpoint = rewrite != null && rewrite.endpointHost();
        this.bodyBytesMax = spec.bodyBytes();
        this.requestRules = HeaderRules.of(spec.requestHeaders());
        this.responseRules = HeaderRules.of(spec.responseHeaders());
        this.pages = ErrorPage.of(spec.errorPages());
    }

    /// Null when the route only forwards.
    public static @Nullable RouteActions of(RouteSpec spec) {
        HeaderRulesSpec request = spec.requestHeaders();
        boolean isPlain = spec.redirect() == null
                && spec.respond() == null
                && spec.rewrite() == null
                && spec.bodyBytes() == 0
                && request.isEmpty()
                && spec.responseHeaders().isEmpty()
                && spec.errorPages().isEmpty();
        return isPlain ? null : new RouteActions(spec);
    }

    /// Bytes of a request's body; 0: what the listener says.
    public long bodyBytesMax() {
        return bodyBytesMax;
    }

    public @Nullable HeaderRules responseRules() {
        return responseRules;
    }

    /// What clients are shown where something goes wrong; null: what the listener says.
    public ErrorPage @Nullable [] pages() {
        return pages;
    }

    /// Whether the route answers by itself.
    public boolean isAnswering() {
        return redirect != null || answer != null;
    }

    /// The `Location` and the status of a redirect: 0 and nothing when it is none, or no path can be made of that one.
    int redirect(RequestHead request, Bytes location) {
        return redirect == null || !redirect.put(request, location.clear()) ? 0 : redirect.status();
    }

    /// The route's own answer, not yet sent; null when what the client has asked for makes no `Location`. `scratch` is
    /// the caller's.
    public @Nullable OwnResponse answer(Exchange exchange, Bytes scratch) {
        if (answer != null) {
            return answer.to(exchange, scratch);
        }
        int status = redirect(exchange.request(), scratch);
        if (status == 0) {
            return null;
        }
        OwnResponse response = new OwnResponse(exchange, status);
        response.fields().add(FieldName.LOCATION, scratch.array(), 0, scratch.length());
        return response;
    }

    /// Changes a request that goes to the upstream. False when no path can be made of that one.
    public boolean change(RequestHead request, Client client, Bytes scratch) {
        Fields fields = request.fields();
        if (path != null && !target(path, request, client, scratch.clear())) {
            return false;
        }
        if (requestRules != null) {
            requestRules.apply(fields, request, client, route, scratch);
        }
        if (host != null) {
            fields.removeAll(FieldName.HOST);
            fields.add(FieldName.HOST, host);
        } else if (isHostOfEndpoint) {
            request.hostOfEndpoint();
        }
        return true;
    }

    private boolean target(PathChange change, RequestHead request, Client client, Bytes out) {
        Fields fields = request.fields();
        boolean isPath = request.targetEnd() == request.targetStart() || fields.bytes()[request.targetStart()] != '*';
        if (!isPath || change.isNothing() && query == null && keepsQuery) {
            return true;
        }
        if (!change.put(request, out)) {
            return false;
        }
        if (query != null) {
            query.put(request, client, route, keepsQuery, out);
        } else if (keepsQuery) {
            out.put(fields.bytes(), request.pathEnd(), request.targetEnd());
        }
        int start = fields.put(out.array(), 0, out.length());
        request.rewrite(start, start + out.length());
        return true;
    }
}
