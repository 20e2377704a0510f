package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.List;

/// The program that Linux runs for every packet that comes in: it finds the packet's flow or begins one, gives the
/// packet
/// other addresses and ports, and sends it on. What it does not know goes on to the host as if the program were not
/// there.
///
/// A flow's first packet finds its listener in the map of services, a slot in the listener's table, the endpoint of
/// that slot, and leaves two entries in the table of flows, one for each direction. Every later packet needs one look
/// into that table. Besides the project's license, this program may be used under the MIT license or the GPL, version
/// 2: Linux lets only such programs look up routes.
final class Translation {
    /// How long a route is taken as known. Changes of routes and neighbours reach a flow after at most this long.
    static final long ROUTE_NANOS = 1_000_000_000L;

    /// More fragments, or an offset of one (RFC 791 §3.1), as the bytes lie in memory.
    private static final long FRAGMENT = 0xff3f;

    private static final int VERSION_4_WITHOUT_OPTIONS = 0x45;

    /// Where IPv4 has its fragment field and its checksum.
    private static final int FRAGMENT_OFFSET = 20;

    private static final int HEADER_CHECKSUM = 24;

    /// Flags of `bpf_l4_csum_replace`: the sum is also that of the pseudo header; a UDP packet without one stays so.
    private static final int PSEUDO_HEADER = 0x10;

    private static final int KEEP_ZERO = 0x20;

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Family family;
    private final FlowKey key;
    private final FlowEntry flows;

    // The packet that is looked at.
    private final Area packetKey;
    private final Place now;
    private final Place control;

    private Translation(Code code, SharedMaps shared, FamilyMaps maps) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.family = maps.family();
        this.key = maps.flowKey();
        this.flows = maps.flow();
        this.packetKey = code.area("key", key.layout());
        this.now = code.number("now");
        this.control = code.number("TCP control bits");
    }

    static Program program(SharedMaps shared, List<FamilyMaps> families) {
        return Code.write("fairlead_nat", code -> {
            // Of another host, or of a virtual LAN: not for this interface.
            code.when(code.context().at(Skb.KIND).isNot(0), () -> code.leave(Verdict.NEXT));
            code.when(code.context().at(Skb.VLAN).isNot(0), () -> code.leave(Verdict.NEXT));
            for (FamilyMaps maps : families) {
                Value etherType = Value.network16(maps.family().etherType());
                code.when(
                        code.context().at(Skb.PROTOCOL).is(etherType),
                        () -> new Translation(code, shared, maps).write());
            }
            code.leave(Verdict.NEXT);
        });
    }

    private void write() {
        code.clear(packetKey);
        code.within(this::readHeaders);
        code.set(now, result(Helper.KTIME_COARSE));
        Pointer flow = code.pointer("flow");
        code.set(flow, entry(maps.flows(), packetKey.address()));
        code.when(flow.isThere(), () -> forgetWhatEnded(flow));
        code.when(flow.isNull(), () -> {
            new Beginning(code, shared, maps, packetKey, now, control).write();
            code.set(flow, entry(maps.flows(), packetKey.address()));
            code.when(flow.isNull(), () -> code.leave(Verdict.DROP));
        });
        code.within(() -> count(flow));
        code.within(() -> noteEnds(flow));
        code.within(() -> findWay(flow));
        passOn(flow);
    }

    private void readHeaders() {
        Pointer packet = code.pointer("packet");
        reach(packet, family.transport() + Transport.UDP.bytes());
        if (family == Family.IPV4) {
            code.when(packet.at(14, 1).isNot(VERSION_4_WITHOUT_OPTIONS), () -> code.leave(Verdict.NEXT));
            // Only the first fragment has ports: all of them go to the host.
            code.when(packet.at(FRAGMENT_OFFSET, 2).hasAny(FRAGMENT), () -> code.leave(Verdict.NEXT));
        }
        code.copy(packetKey.at(key.source()), packet.at(family.source(), family.addressBytes()));
        code.copy(packetKey.at(key.destination()), packet.at(family.destination(), family.addressBytes()));
        code.set(packetKey.at(key.sourcePort()), packet.at(family.transport(), 2));
        code.set(packetKey.at(key.destinationPort()), packet.at(family.transport() + 2, 2));
        code.set(packetKey.at(key.protocol()), packet.at(family.protocol(), 1));
        code.set(control, 0);
        code.when(
                packetKey.at(key.protocol()).is(Transport.TCP.number()),
                () -> {
                    reach(packet, family.transport() + Transport.TCP.bytes());
                    code.set(control, packet.at(family.transport() + Transport.TCP_CONTROL, 1));
                },
                () -> code.when(
                        packetKey.at(key.protocol()).isNot(Transport.UDP.number()), () -> code.leave(Verdict.NEXT)));
    }

    /// Makes the first bytes of the packet readable and writable; a packet that has less is not ours.
    private void reach(Pointer packet, int bytes) {
        code.packet(packet, bytes, () -> {
            code.call(Helper.PULL, code.context().address(), Value.of(bytes));
            code.packet(packet, bytes, () -> code.leave(Verdict.NEXT));
        });
    }

    /// A SYN without ACK begins a connection: an entry whose connection is over, or whose endpoint has not answered and
    /// is down by now, is no longer good for it.
    private void forgetWhatEnded(Pointer flow) {
        code.when(control.and(Transport.SYN | Transport.ACK).is(Transport.SYN), () -> {
            code.when(
                    flow.at(flows.flags()).hasAny(FlowEntry.CLOSING),
                    () -> code.set(flow, Value.of(0)),
                    () -> code.when(
                            flow.at(flows.flags()).hasNone(FlowEntry.FROM_ENDPOINT | FlowEntry.ANSWERED),
                            () -> chooseAnewIfDown(flow)));
        });
    }

    private void chooseAnewIfDown(Pointer flow) {
        code.setBits(flow.at(flows.flags()), Value.of(FlowEntry.REPEATED));
        Place number = code.number("number");
        code.set(number, flow.at(flows.endpoint()));
        Pointer endpoint = code.pointer("endpoint");
        code.set(endpoint, entry(shared.endpoints(), address(number)));
        code.when(
                endpoint.isThere(),
                () -> code.when(endpoint.at(EndpointEntry.ENTRY.usable()).is(0), () -> code.set(flow, Value.of(0))));
    }

    private void count(Pointer flow) {
        Place length = code.number("length");
        code.set(length, code.context().at(Skb.LENGTH));
        code.set(flow.at(flows.seen()), now);
        code.add(flow.at(flows.packets()), Value.of(1));
        code.add(flow.at(flows.bytes()), length);
        Place number = code.number("number");
        code.set(number, flow.at(flows.endpoint()));
        Pointer tally = code.pointer("tally");
        code.set(tally, entry(shared.tallies(), address(number)));
        Tallies names = Tallies.TALLIES;
        code.when(
                tally.isThere(),
                () -> code.when(
                        flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                        () -> {
                            code.set(
                                    tally.at(names.packetsOut()),
                                    tally.at(names.packetsOut()).plus(1));
                            code.set(
                                    tally.at(names.bytesOut()),
                                    tally.at(names.bytesOut()).plus(length));
                        },
                        () -> {
                            code.set(
                                    tally.at(names.packetsIn()),
                                    tally.at(names.packetsIn()).plus(1));
                            code.set(
                                    tally.at(names.bytesIn()),
                                    tally.at(names.bytesIn()).plus(length));
                        }));
    }

    /// What this packet says of the flow, once, on both entries: that the endpoint answers, that one side has nothing
    /// more to send, that it is reset.
    private void noteEnds(Pointer flow) {
        Place news = code.number("news");
        code.set(news, 0);
        code.when(
                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                () -> {
                    code.set(news, FlowEntry.ANSWERED);
                    code.when(
                            control.hasAny(Transport.FIN),
                            () -> code.set(news, FlowEntry.ANSWERED | FlowEntry.ENDPOINT_DONE));
                },
                () -> code.when(control.hasAny(Transport.FIN), () -> code.set(news, FlowEntry.CLIENT_DONE)));
        code.when(control.hasAny(Transport.RST), () -> code.set(news, news.or(FlowEntry.RESET)));
        code.when(flow.at(flows.flags()).or(news).isNot(flow.at(flows.flags())), () -> {
            code.setBits(flow.at(flows.flags()), news);
            Area twinKey = code.area("twin", key.layout());
            twinKey(twinKey, flow);
            Pointer twin = code.pointer("twin");
            code.set(twin, entry(maps.flows(), twinKey.address()));
            code.when(twin.isThere(), () -> code.setBits(twin.at(flows.flags()), news));
        });
    }

    /// The twin takes what this entry's packets become, turned round.
    private void twinKey(Area twin, Pointer flow) {
        code.clear(twin);
        code.copy(twin.at(key.source()), flow.at(flows.destination()));
        code.copy(twin.at(key.destination()), flow.at(flows.source()));
        code.set(twin.at(key.sourcePort()), flow.at(flows.destinationPort()));
        code.set(twin.at(key.destinationPort()), flow.at(flows.sourcePort()));
        code.set(twin.at(key.protocol()), packetKey.at(key.protocol()));
    }

    /// Asks for the route when it was not asked for lately. Without a neighbour's address, Linux finds that out itself,
    /// packet by packet.
    private void findWay(Pointer flow) {
        code.when(now.isAbove(flow.at(flows.routedUntil())), () -> {
            Area route = code.area("route", Route.ROUTE.layout());
            code.clear(route);
            code.set(route.at(Route.ROUTE.family()), family.number());
            code.set(route.at(Route.ROUTE.outbound()), code.context().at(Skb.INTERFACE));
            copyAddress(route.at(Route.ROUTE.source()), flow.at(flows.source()));
            copyAddress(route.at(Route.ROUTE.destination()), flow.at(flows.destination()));
            Place answer = code.number("answer");
            code.set(
                    answer,
                    result(
                            Helper.FIB_LOOKUP,
                            code.context().address(),
                            route.address(),
                            Value.of(Route.SIZE),
                            Value.of(0)));
            code.when(
                    answer.is(Route.FOUND),
                    () -> {
                        code.copy(flow.at(flows.toMac()), route.at(Route.ROUTE.toMac()));
                        code.copy(flow.at(flows.fromMac()), route.at(Route.ROUTE.fromMac()));
                        code.set(flow.at(flows.outbound()), route.at(Route.ROUTE.outbound()));
                        code.set(flow.at(flows.routedUntil()), now.plus(ROUTE_NANOS));
                    },
                    () -> code.when(
                            answer.is(Route.NO_NEIGHBOUR),
                            () -> {
                                code.set(flow.at(flows.outbound()), route.at(Route.ROUTE.outbound()));
                                translate(flow);
                                code.leave(result(
                                        Helper.REDIRECT_NEIGHBOUR,
                                        flow.at(flows.outbound()),
                                        Value.of(0),
                                        Value.of(0),
                                        Value.of(0)));
                            },
                            () -> lose(flow, Loss.NO_ROUTE)));
        });
    }

    private void copyAddress(Place sixteen, Place address) {
        code.copy(new Place(sixteen.base(), sixteen.offset(), family.addressBytes()), address);
    }

    private void passOn(Pointer flow) {
        Pointer packet = translate(flow);
        code.copy(packet.at(0, 6), flow.at(flows.toMac()));
        code.copy(packet.at(6, 6), flow.at(flows.fromMac()));
        code.leave(result(Helper.REDIRECT, flow.at(flows.outbound()), Value.of(0)));
    }

    /// Gives the packet the flow's addresses and ports. Sums go first, since that moves the packet.
    private Pointer translate(Pointer flow) {
        code.when(
                packetKey.at(key.protocol()).is(Transport.TCP.number()),
                () -> mendSum(flow, Transport.TCP, 0),
                () -> mendSum(flow, Transport.UDP, KEEP_ZERO));
        Pointer packet = code.pointer("packet");
        code.packet(packet, family.transport() + Transport.UDP.bytes(), () -> code.leave(Verdict.DROP));
        code.when(packet.at(family.hops(), 1).isBelow(2), () -> lose(flow, Loss.HOPS));
        if (family == Family.IPV4) {
            mendHeaderSum(packet, flow);
        }
        code.set(packet.at(family.hops(), 1), packet.at(family.hops(), 1).minus(1));
        code.copy(packet.at(family.source(), family.addressBytes()), flow.at(flows.source()));
        code.copy(packet.at(family.destination(), family.addressBytes()), flow.at(flows.destination()));
        code.set(packet.at(family.transport(), 2), flow.at(flows.sourcePort()));
        code.set(packet.at(family.transport() + 2, 2), flow.at(flows.destinationPort()));
        return packet;
    }

    /// By Linux's own function: it knows whether the card is still to finish the sum.
    private void mendSum(Pointer flow, Transport transport, int flags) {
        Value offset = Value.of(family.transport() + transport.checksum());
        code.call(
                Helper.L4_CHECKSUM,
                code.context().address(),
                offset,
                Value.of(0),
                flow.at(flows.addressSum()),
                Value.of(PSEUDO_HEADER | flags));
        code.when(
                flow.at(flows.portSum()).isNot(0),
                () -> code.call(
                        Helper.L4_CHECKSUM,
                        code.context().address(),
                        offset,
                        Value.of(0),
                        flow.at(flows.portSum()),
                        Value.of(flags)));
    }

    /// RFC 1624 §3, for the addresses and for one hop less.
    private void mendHeaderSum(Pointer packet, Pointer flow) {
        Place sum = code.number("sum");
        code.set(sum, packet.at(HEADER_CHECKSUM, 2).xor(Value.of(0xffff)));
        code.set(sum, sum.plus(flow.at(flows.addressSum())));
        // The time to live is the upper byte of its word on the wire, the lower one in memory.
        code.set(sum, sum.plus(0xfffe));
        for (int fold = 0; fold < 3; fold++) {
            code.set(sum, sum.and(0xffff).plus(sum.shiftedRight(16)));
        }
        code.set(packet.at(HEADER_CHECKSUM, 2), sum.xor(Value.of(0xffff)));
    }

    private void lose(Pointer flow, Loss loss) {
        Place service = code.number("service");
        code.set(service, flow.at(flows.service()));
        lose(code, shared, service, loss);
    }

    /// Counts a packet of a service as lost, and leaves.
    static void lose(Code code, SharedMaps shared, Place service, Loss loss) {
        code.atTheEnd(() -> {
            Pointer losses = code.pointer("losses");
            code.set(losses, entry(shared.losses(), address(service)));
            code.when(
                    losses.isThere(),
                    () -> code.set(
                            losses.at(loss.field()), losses.at(loss.field()).plus(1)));
            code.leave(Verdict.DROP);
        });
    }

    /// Where a number is, for maps whose key it is.
    static Value address(Place number) {
        return new Value.Address(number.base(), number.offset());
    }
}
