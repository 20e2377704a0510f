package dev.fairlead.http;

import dev.fairlead.http.cache.Cache;
import dev.fairlead.http.cache.CacheForesight;
import dev.fairlead.http.cache.RouteCache;
import dev.fairlead.http.codec.HeadText;
import dev.fairlead.http.compress.RouteCompression;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Explanation.Answer;
import dev.fairlead.http.explain.Explanation.Caching;
import dev.fairlead.http.explain.Explanation.Seen;
import dev.fairlead.http.explain.Question;
import dev.fairlead.http.explain.Url;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.http.route.Consideration;
import dev.fairlead.http.route.Route;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Takes one request the way of all, by the same [Passage], up to where it would be forwarded; and tells. It changes
/// and counts nothing. Used once, on any thread.
final class Explainer {
    private final HttpPlane.Terms terms;
    private final @Nullable Cache cache;
    private final long nowNanos;
    private final OwnAnswer own = new OwnAnswer();
    private final Passage passage = new Passage();
    private List<Seen> seen = List.of();

    /// `cache`: null when nothing runs.
    Explainer(HttpPlane.Terms terms, @Nullable Cache cache, long nowNanos) {
        this.terms = terms;
        this.cache = cache;
        this.nowNanos = nowNanos;
    }

    Explanation explain(Question question) {
        Url url = question.url();
        String sni = url.scheme().equals("https") ? url.host().toLowerCase(Locale.ROOT) : null;
        Client peer = Client.asking(new InetSocketAddress(question.client(), 0), sni);
        return switch (HeadText.read(question.head(), terms.spec().limits(), terms.upgrades())) {
            case HeadText.Reading.Refused(int status, String reason) ->
                told(peer, null, new Answer(status, List.of(), reason));
            case HeadText.Reading.Whole(RequestHead head) ->
                explain(new Exchange(peer, own, head, terms.identity(), nowNanos));
        };
    }

    private Explanation explain(Exchange exchange) {
        long bodyBytesMax = terms.spec().limits().bodyBytes();
        if (bodyBytesMax > 0) {
            exchange.bodyBytesMax(bodyBytesMax);
        }
        if (!passage.receive(exchange, terms)) {
            return answered(exchange);
        }
        seen = terms.routes().consider(exchange.request(), exchange.client()).stream()
                .map(Explainer::seen)
                .toList();
        if (!passage.route(exchange, terms)) {
            return answered(exchange);
        }
        return forwarded(exchange, Objects.requireNonNull(passage.route()));
    }

    private static Seen seen(Consideration by) {
        List<String> conditions = by.conditions().stream().map(String::valueOf).toList();
        String failed = by.failed() == null ? null : by.failed().toString();
        return new Seen(by.route(), by.priority(), conditions, failed, by.isWinner());
    }

    private Explanation forwarded(Exchange exchange, Route route) {
        RouteCache keeping = route.cache();
        Destination destination = Objects.requireNonNull(route.destination());
        RouteCompression compression = destination.compression();
        if (keeping != null && compression != null) {
            compression.normalise(exchange.request());
        }
        Caching caching = keeping == null
                ? null
                : CacheForesight.of(exchange.request(), keeping, destination.foresee(exchange), cache);
        var targets = new Foresight(exchange, nowNanos).targets(route);
        List<String> hosts = targets.stream()
                .flatMap(each -> each.endpoints().stream())
                .filter(Explanation.Place::isCandidate)
                .map(Explanation.Place::host)
                .distinct()
                .toList();
        String host = hosts.size() == 1 ? hosts.getFirst() : "ENDPOINT";
        return new Explanation(
                terms.spec().name(),
                ip(exchange.client()),
                seen,
                route.name(),
                null,
                HeadText.lines(exchange.request(), host),
                responseFields(exchange),
                targets,
                caching);
    }

    /// What the rules add to whatever an endpoint answers.
    private static List<String> responseFields(Exchange exchange) {
        var head = new ResponseHead();
        head.status(200, 0, 0);
        return filtered(exchange, head);
    }

    private Explanation answered(Exchange exchange) {
        passage.own().send();
        ResponseHead head = Objects.requireNonNull(own.head());
        Route route = passage.route();
        var answer = new Answer(head.status(), filtered(exchange, head), passage.reason());
        return told(exchange.client(), route == null ? null : route.name(), answer);
    }

    private Explanation told(Client client, @Nullable String route, Answer answer) {
        return new Explanation(
                terms.spec().name(), ip(client), seen, route, answer, List.of(), List.of(), List.of(), null);
    }

    private static List<String> filtered(Exchange exchange, ResponseHead head) {
        var filter = exchange.filter();
        if (filter != null) {
            filter.change(exchange, head);
        }
        return lines(head.fields());
    }

    private static List<String> lines(Fields fields) {
        var out = new Bytes(256);
        fields.putLines(out);
        return out.toString().lines().toList();
    }

    private static String ip(Client client) {
        return new String(client.ip(), StandardCharsets.US_ASCII);
    }
}
