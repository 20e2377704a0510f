package dev.fairlead.http;

import dev.fairlead.http.codec.HeadText;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Explanation.Answer;
import dev.fairlead.http.explain.Explanation.Seen;
import dev.fairlead.http.explain.Question;
import dev.fairlead.http.filter.HeaderRules;
import dev.fairlead.http.filter.Reception;
import dev.fairlead.http.filter.ResponseRules;
import dev.fairlead.http.filter.RouteActions;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.http.route.Consideration;
import dev.fairlead.http.route.Route;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes one request the way of [HttpLane#begin], through the same table, actions and destinations, up to where it
/// would be forwarded; and tells. It changes and counts nothing. Used once, on any thread.
final class Explainer {
    private final HttpPlane.Terms terms;
    private final long nowNanos;
    private final OwnAnswer own = new OwnAnswer();
    private final Bytes scratch = new Bytes(1024);
    private List<Seen> seen = List.of();

    Explainer(HttpPlane.Terms terms, long nowNanos) {
        this.terms = terms;
        this.nowNanos = nowNanos;
    }

    Explanation explain(Question question) {
        var peer = new Client(new InetSocketAddress(question.client(), 0));
        return switch (HeadText.read(question.head(), terms.spec().limits(), terms.upgrades())) {
            case HeadText.Reading.Refused(int status, String reason) ->
                told(peer, null, new Answer(status, List.of(), reason));
            case HeadText.Reading.Whole(RequestHead head) ->
                explain(new Exchange(peer, own, head, terms.identity(), nowNanos));
        };
    }

    private Explanation explain(Exchange exchange) {
        RequestHead request = exchange.request();
        long bodyBytesMax = terms.spec().limits().bodyBytes();
        if (bodyBytesMax > 0) {
            exchange.bodyBytesMax(bodyBytesMax);
        }
        if (request.method() == Method.TRACE) {
            return refused(exchange, null, Fault.NOT_IMPLEMENTED, "TRACE is not offered");
        }
        if (Reception.isLoop(request.fields(), terms.fields())) {
            return refused(exchange, null, Fault.LOOP, "it has been here before: via-max");
        }
        if (!Reception.mayForward(request)) {
            new OwnResponse(exchange, 200).send();
            return answered(exchange, null, "Max-Forwards is 0: the request is for Fairlead itself");
        }
        exchange.client(new Reception().receive(request, exchange.client(), terms.fields()));
        seen = terms.routes().consider(request, exchange.client()).stream()
                .map(Explainer::seen)
                .toList();
        Route route = terms.routes().match(request, exchange.client());
        if (route == null) {
            return refused(exchange, null, Fault.NO_ROUTE, "no route takes the request");
        }
        exchange.routed(route.name(), "");
        return taken(exchange, route);
    }

    private static Seen seen(Consideration by) {
        List<String> conditions = by.conditions().stream().map(String::valueOf).toList();
        String failed = by.failed() == null ? null : by.failed().toString();
        return new Seen(by.route(), by.priority(), conditions, failed, by.isWinner());
    }

    private Explanation taken(Exchange exchange, Route route) {
        RouteActions actions = route.actions();
        if (actions != null) {
            prepare(exchange, actions);
        }
        if (exchange.request().contentLength() > exchange.bodyBytesMax()) {
            return refused(exchange, route.name(), Fault.BODY_TOO_LARGE, "more than body-bytes");
        }
        if (actions != null && actions.isAnswering()) {
            actions.answer(exchange, scratch).send();
            return answered(exchange, route.name(), "");
        }
        var targets = new Foresight(exchange, nowNanos).targets(route);
        List<String> candidates =
                targets.stream().flatMap(each -> each.candidates().stream()).toList();
        String endpoint = candidates.size() == 1 ? candidates.getFirst() : "ENDPOINT";
        return new Explanation(
                terms.spec().name(),
                ip(exchange.client()),
                seen,
                route.name(),
                null,
                HeadText.lines(exchange.request(), endpoint),
                responseFields(exchange),
                targets);
    }

    private void prepare(Exchange exchange, RouteActions actions) {
        if (actions.bodyBytesMax() > 0) {
            exchange.bodyBytesMax(actions.bodyBytesMax());
        }
        HeaderRules rules = actions.responseRules();
        if (rules != null) {
            exchange.filter(new ResponseRules(exchange.filter(), rules, scratch));
        }
        if (!actions.isAnswering()) {
            actions.change(exchange.request(), exchange.client(), scratch);
        }
    }

    /// What the rules add to whatever an endpoint answers.
    private static List<String> responseFields(Exchange exchange) {
        var head = new ResponseHead();
        head.status(200, 0, 0);
        return filtered(exchange, head);
    }

    private Explanation refused(Exchange exchange, @Nullable String route, Fault fault, String reason) {
        FaultResponses.send(exchange, fault, reason);
        return answered(exchange, route, reason);
    }

    private Explanation answered(Exchange exchange, @Nullable String route, String reason) {
        ResponseHead head = own.head();
        if (head == null) {
            throw new IllegalStateException("no answer: " + route);
        }
        return told(exchange.client(), route, new Answer(head.status(), filtered(exchange, head), reason));
    }

    private Explanation told(Client client, @Nullable String route, Answer answer) {
        return new Explanation(terms.spec().name(), ip(client), seen, route, answer, List.of(), List.of(), List.of());
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
