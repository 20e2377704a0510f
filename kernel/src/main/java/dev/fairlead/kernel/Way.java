package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;

/// The part of [Translation] that sends a packet on, where Linux's routing table says.
final class Way {
    /// How long a route is taken as known. Changes of routes and neighbours reach a flow after at most this long.
    static final long ROUTE_NANOS = 1_000_000_000L;

    private final Code code;
    private final SharedMaps shared;
    private final Family family;
    private final FlowEntry flows;
    private final Place now;

    /// 1: Linux has yet to find out the neighbour's address.
    private final Place asks;

    /// Gives the packet its new addresses; what points to it then.
    interface Rewriting {
        Pointer write();
    }

    Way(Code code, SharedMaps shared, FamilyMaps maps, Place now) {
        this.code = code;
        this.shared = shared;
        this.family = maps.family();
        this.flows = maps.flow();
        this.now = now;
        this.asks = code.number("asks");
    }

    /// Leaves the program.
    void send(Pointer flow, Rewriting rewriting) {
        code.within(() -> find(flow));
        sendFound(flow, rewriting);
    }

    /// Leaves the program by the way that was found.
    void sendFound(Pointer flow, Rewriting rewriting) {
        Pointer packet = rewriting.write();
        code.when(
                asks.isNot(0),
                () -> code.leave(result(
                        Helper.REDIRECT_NEIGHBOUR, flow.at(flows.outbound()), Value.of(0), Value.of(0), Value.of(0))));
        code.copy(packet.at(0, 6), flow.at(flows.toMac()));
        code.copy(packet.at(6, 6), flow.at(flows.fromMac()));
        code.leave(result(Helper.REDIRECT, flow.at(flows.outbound()), Value.of(0)));
    }

    /// Asks for the route when it was not asked for lately. Without a neighbour's address, Linux finds that out itself,
    /// packet by packet.
    void find(Pointer flow) {
        code.set(asks, 0);
        code.when(now.isAbove(flow.at(flows.routedUntil())), () -> {
            Area route = code.area("route", Route.ROUTE.layout());
            Place answer = code.number("answer");
            ask(route, flow, Route.SHORT, answer);
            code.when(
                    answer.is(Route.FOUND),
                    () -> {
                        code.copy(flow.at(flows.toMac()), route.at(Route.ROUTE.toMac()));
                        code.copy(flow.at(flows.fromMac()), route.at(Route.ROUTE.fromMac()));
                        code.set(flow.at(flows.outbound()), route.at(Route.ROUTE.outbound()));
                        code.set(flow.at(flows.fits()), route.at(Route.ROUTE.length()));
                        code.set(flow.at(flows.routedUntil()), now.plus(ROUTE_NANOS));
                    },
                    () -> code.when(
                            answer.is(Route.NO_NEIGHBOUR),
                            () -> {
                                code.set(flow.at(flows.outbound()), route.at(Route.ROUTE.outbound()));
                                code.set(asks, 1);
                                // That answer does not say what fits; this one comes before neighbours are asked for.
                                ask(route, flow, Route.LONG, answer);
                                code.when(
                                        answer.is(Route.TOO_LONG),
                                        () -> code.set(flow.at(flows.fits()), route.at(Route.ROUTE.length())));
                            },
                            () -> Losses.lose(code, shared, flows, flow, Loss.NO_ROUTE)));
        });
    }

    private void ask(Area route, Pointer flow, int length, Place answer) {
        code.clear(route);
        code.set(route.at(Route.ROUTE.family()), family.number());
        code.set(route.at(Route.ROUTE.outbound()), code.context().at(Skb.INTERFACE));
        code.set(route.at(Route.ROUTE.length()), length);
        copyAddress(route.at(Route.ROUTE.source()), flow.at(flows.source()));
        copyAddress(route.at(Route.ROUTE.destination()), flow.at(flows.destination()));
        code.set(
                answer,
                result(
                        Helper.FIB_LOOKUP,
                        code.context().address(),
                        route.address(),
                        Value.of(Route.SIZE),
                        Value.of(0)));
    }

    private void copyAddress(Place sixteen, Place address) {
        code.copy(new Place(sixteen.base(), sixteen.offset(), family.addressBytes()), address);
    }
}
