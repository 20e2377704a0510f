package dev.fairlead.http;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.filter.HeaderRules;
import dev.fairlead.http.filter.Reception;
import dev.fairlead.http.filter.ResponseRules;
import dev.fairlead.http.filter.RouteActions;
import dev.fairlead.http.filter.ServerTiming;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.route.Route;
import dev.fairlead.net.tls.TlsSession;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The steps that every request takes up to where it is forwarded or answered, in their one order, whether a client
/// has sent it or somebody only asks what would become of it. Changes the exchange, sends nothing. What was decided
/// is here until the next one. One thread.
final class Passage {
    /// For values that filters put together.
    private final Bytes values = new Bytes(1024);

    private final Reception reception = new Reception();
    private final ServerTiming serverTiming = new ServerTiming(System::nanoTime);

    private @Nullable Route route;
    private @Nullable Fault fault;
    private String reason = "";
    private @Nullable OwnResponse own;

    /// What comes before routes. False: the request is answered, and goes no further.
    boolean receive(Exchange exchange, HttpPlane.Terms terms) {
        route = null;
        fault = null;
        reason = "";
        own = null;
        begin(exchange, terms);
        RequestHead request = exchange.request();
        if (request.method() == Method.TRACE) {
            // RFC 9110 §9.3.8: the answer would hold what the request did, cookies and what we add included.
            return refuse(exchange, Fault.NOT_IMPLEMENTED, "TRACE is not offered");
        }
        if (Reception.isLoop(request.fields(), terms.fields())) {
            return refuse(exchange, Fault.LOOP, "via-max");
        }
        if (!Reception.mayForward(request)) {
            reason = "Max-Forwards is 0";
            own = new OwnResponse(exchange, 200);
            return false;
        }
        TlsSession tls = exchange.client().tls();
        if (tls != null && request.hasAuthority() && !tls.agrees(request.hostText())) {
            return refuse(exchange, Fault.MISDIRECTED, "tls.host-agreement");
        }
        exchange.client(reception.receive(request, exchange.client(), terms.fields()));
        return true;
    }

    /// What holds for every response, also to a request whose head could not be read.
    void begin(Exchange exchange, HttpPlane.Terms terms) {
        ResponseFilter timing = terms.spec().headers().serverTiming() ? serverTiming : null;
        ResponseFilter filter = terms.announcement().after(timing, exchange);
        HeaderRules rules = terms.responseRules();
        exchange.filter(rules == null ? filter : new ResponseRules(filter, rules, values));
    }

    /// Finds the route and does what that says. False: the request is answered.
    boolean route(Exchange exchange, HttpPlane.Terms terms) {
        RequestHead request = exchange.request();
        Route found = terms.routes().match(request, exchange.client());
        if (found == null) {
            return refuse(exchange, Fault.NO_ROUTE, "no route takes the request");
        }
        route = found;
        exchange.routed(found.name(), "");
        HeaderRules rules = terms.requestRules();
        if (rules != null && found.destination() != null) {
            rules.apply(request.fields(), request, exchange.client(), found.name(), values);
        }
        RouteActions actions = found.actions();
        if (actions != null && !prepare(exchange, actions)) {
            return refuse(exchange, Fault.PATH_NOT_MADE, "rewrite");
        }
        if (request.contentLength() > exchange.bodyBytesMax()) {
            return refuse(exchange, Fault.BODY_TOO_LARGE, "more than body-bytes");
        }
        if (actions != null && actions.isAnswering()) {
            own = actions.answer(exchange, values);
            if (own == null) {
                refuse(exchange, Fault.PATH_NOT_MADE, "redirect");
            }
            return false;
        }
        return true;
    }

    private boolean prepare(Exchange exchange, RouteActions actions) {
        if (actions.bodyBytesMax() > 0) {
            exchange.bodyBytesMax(actions.bodyBytesMax());
        }
        exchange.pages(actions.pages());
        HeaderRules rules = actions.responseRules();
        if (rules != null) {
            exchange.filter(new ResponseRules(exchange.filter(), rules, values));
        }
        return actions.isAnswering() || actions.change(exchange.request(), exchange.client(), values);
    }

    private boolean refuse(Exchange exchange, Fault why, String details) {
        exchange.fault(why, details);
        fault = why;
        reason = details;
        own = FaultResponses.of(exchange, why, details);
        return false;
    }

    /// The route that takes the request; null when none does, or none was asked.
    @Nullable
    Route route() {
        return route;
    }

    /// Why the request is answered; empty when its route says so.
    String reason() {
        return reason;
    }

    /// The answer, not yet sent, of a request that goes no further.
    OwnResponse own() {
        return Objects.requireNonNull(own, "the request goes on");
    }

    /// Sends it. What takes the rest of the request, or null.
    @Nullable
    Upload answer() {
        OwnResponse answer = own();
        if (fault == null) {
            return answer.answer();
        }
        answer.send();
        return null;
    }
}
