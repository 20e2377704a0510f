package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.sys.Bpf;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The part of [Translation] for a packet without a flow: whose listener it is for, which endpoint it gets, and the two
/// entries of its flow. Leaves the program when there is nothing to begin.
final class Beginning {
    /// Ports that are tried for a flow whose own is taken: by chance, of half of all.
    private static final int CHANCES = 4;

    /// Source ports that are tried for one flow: two in turn, and where flows that last hold those in a row, others
    /// all over the range. With so many no free stretch of a tenth of it is missed.
    private static final int TURNS = 2;

    private static final int PORT_TRIES = 16;

    /// 2^32 divided by the golden ratio: steps of that part of a round lie as far from each other as can be, however
    /// many they are (Knuth, The Art of Computer Programming, vol. 3, §6.4).
    private static final long GOLDEN = 0x9e3779b1L;

    // First bytes of addresses that are nobody's; in IPv6 so are those whose first half is 0, the loopback address and
    // those of IPv4 among them.
    private static final int LOOPBACK_4 = 127;
    private static final int MULTICAST_4 = 224;
    private static final int RESERVED_4 = 240;
    private static final long BROADCAST_4 = 0xffff_ffffL;
    private static final int MULTICAST_6 = 0xff;

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final FlowKey key;
    private final FlowEntry flows;
    private final ServiceEntry services = ServiceEntry.ENTRY;
    private final Features features;
    private final Packet packet;
    private final FlowTables tables;
    private final @Nullable Crossings crossings;
    private final Area packetKey;

    private final Picking picking;
    private final Area listener;
    private final Place service;
    private final Place endpoint;
    private final Area twinKey;
    private final Area entry;

    Beginning(
            Code code,
            SharedMaps shared,
            FamilyMaps maps,
            Packet packet,
            FlowTables tables,
            Features features,
            @Nullable Crossings crossings) {
        this.crossings = crossings;
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.key = maps.flowKey();
        this.flows = maps.flow();
        this.packet = packet;
        this.features = features;
        this.tables = tables;
        this.packetKey = packet.key();
        this.picking = new Picking(code, shared, maps, features);
        this.listener = picking.listener();
        this.service = picking.service();
        this.endpoint = picking.endpoint();
        this.twinKey = code.area("twin", key.layout());
        this.entry = code.area("entry", flows.layout());
    }

    void write() {
        picking.findListener(
                packetKey.at(key.destination()), packetKey.at(key.destinationPort()), packetKey.at(key.protocol()));
        code.within(this::seeMartian);
        code.within(this::mayBegin);
        picking.findEndpoint(
                packetKey.at(key.source()), packetKey.at(key.sourcePort()).turned16());
        code.within(this::begin);
        code.within(this::insert);
    }

    /// Nobody has such an address, or is this listener (RFC 1812 §5.3.7, RFC 4291 §2): the host drops it, and counts
    /// it.
    private void seeMartian() {
        Place source = packetKey.at(key.source());
        Place difference = code.number("difference");
        packet.compare(difference, source, packetKey.at(key.destination()));
        code.when(difference.is(0), () -> code.leave(Verdict.NEXT));
        Place first = new Place(source.base(), source.offset(), 1);
        if (maps.family() == Family.IPV4) {
            code.when(first.is(0), () -> code.leave(Verdict.NEXT));
            code.when(first.is(LOOPBACK_4), () -> code.leave(Verdict.NEXT));
            // Linux routes what is between multicast and the broadcast address as any other (240.0.0.0/4).
            code.when(first.isAbove(Value.of(MULTICAST_4 - 1)), () -> {
                code.when(first.isBelow(RESERVED_4), () -> code.leave(Verdict.NEXT));
                code.when(source.is(BROADCAST_4), () -> code.leave(Verdict.NEXT));
            });
        } else {
            Place half = code.number("half");
            code.copy(half, new Place(source.base(), source.offset(), 8));
            code.when(half.is(0), () -> code.leave(Verdict.NEXT));
            code.when(first.is(MULTICAST_6), () -> code.leave(Verdict.NEXT));
        }
    }

    /// A TCP flow begins with a SYN. Where all nodes choose alike, one that lived on another node, or before the
    /// table forgot it, is taken up as it comes; elsewhere it goes to the host, which knows no such connection and
    /// resets it.
    private void mayBegin() {
        Place control = packet.control();
        code.when(packetKey.at(key.protocol()).is(Transport.TCP.number()), () -> {
            code.when(control.hasAny(Transport.RST), () -> code.leave(Verdict.NEXT));
            code.when(control.and(Transport.SYN | Transport.ACK).isNot(Transport.SYN), () -> {
                code.when(
                        listener.at(services.choice()).isAbove(Value.of(ServiceEntry.BY_ADDRESS_AND_PORT)),
                        () -> code.leave(Verdict.NEXT));
                code.when(listener.at(services.sources()).isNot(0), () -> code.leave(Verdict.NEXT));
                code.when(control.hasAny(Transport.SYN), () -> code.leave(Verdict.NEXT));
            });
        });
    }

    /// Fills in the entry of the direction to the endpoint, and the key of its twin.
    private void begin() {
        code.clear(entry);
        code.clear(twinKey);
        code.within(() -> {
            Pointer chosen = code.pointer("endpoint");
            code.set(chosen, entry(shared.endpoints(), Translation.address(endpoint)));
            code.when(chosen.isNull(), () -> lose(Loss.NO_ENDPOINT));
            copyAddress(entry.at(flows.destination()), chosen.at(EndpointEntry.ENTRY.address()));
            code.set(entry.at(flows.destinationPort()), chosen.at(EndpointEntry.ENTRY.port()));
        });
        code.when(
                entry.at(flows.destinationPort()).is(EndpointAddress.ASKED_PORT),
                () -> code.set(entry.at(flows.destinationPort()), packetKey.at(key.destinationPort())));
        code.set(twinKey.at(key.protocol()), packetKey.at(key.protocol()));
        code.copy(twinKey.at(key.source()), entry.at(flows.destination()));
        code.set(twinKey.at(key.sourcePort()), entry.at(flows.destinationPort()));
        if (features.hasSources()) {
            code.when(listener.at(services.sources()).is(0), this::keepSource, this::findSource);
        } else {
            keepSource();
        }
    }

    /// The client keeps its address and port. An endpoint that is the client too would answer itself, past this host:
    /// it sees the listener's address instead.
    private void keepSource() {
        Place difference = code.number("difference");
        packet.compare(difference, packetKey.at(key.source()), entry.at(flows.destination()));
        code.when(
                difference.isNot(0),
                () -> code.copy(entry.at(flows.source()), packetKey.at(key.source())),
                () -> code.copy(entry.at(flows.source()), packetKey.at(key.destination())));
        code.set(entry.at(flows.sourcePort()), packetKey.at(key.sourcePort()));
        nameTwin();
        Place isTaken = code.number("taken");
        code.set(isTaken, 0);
        code.within(() -> seeClash(isTaken));
        code.within(() -> seeCrossing(isTaken));
        // What is taken up was known under its port.
        code.when(
                isTaken.isNot(0),
                () -> code.when(
                        packetKey.at(key.protocol()).is(Transport.TCP.number()),
                        () -> code.when(packet.control().hasNone(Transport.SYN), () -> lose(Loss.CLASH))));
        // As servers choose theirs for connections of their own, where no listener is.
        findPort(
                CHANCES,
                isTaken,
                attempt -> code.set(
                        entry.at(flows.sourcePort()),
                        result(Helper.RANDOM).and(0x7fff).or(0x8000).turned16()));
        code.when(isTaken.isNot(0), () -> lose(Loss.CLASH));
    }

    /// Two listeners, or two addresses of one, may lead one client's port to the same endpoint: its answers could not
    /// be told apart. The later flow gets another port, also when the other is over: the endpoint may remember it.
    private void seeClash(Place isTaken) {
        Pointer other = code.pointer("other");
        tables.find(other, twinKey);
        code.when(other.isThere(), () -> {
            Place difference = code.number("difference");
            packet.compare(difference, other.at(flows.source()), packetKey.at(key.destination()));
            packet.compare(isTaken, other.at(flows.destination()), packetKey.at(key.source()));
            code.set(isTaken, isTaken.or(difference));
            code.when(
                    other.at(flows.sourcePort()).isNot(packetKey.at(key.destinationPort())),
                    () -> code.set(isTaken, 1));
            code.when(
                    other.at(flows.destinationPort()).isNot(packetKey.at(key.sourcePort())),
                    () -> code.set(isTaken, 1));
            // This very flow's, of which the table has forgotten the other half: it is written anew.
            code.when(isTaken.is(0), () -> tables.removeEntry(twinKey));
        });
    }

    /// Where packets cross the host, they do so under the client's own address.
    private void seeCrossing(Place isTaken) {
        if (crossings != null) {
            Area answer = code.area("answer", key.layout());
            code.copy(
                    answer.at(0, key.layout().size()),
                    twinKey.at(0, key.layout().size()));
            code.copy(answer.at(key.destination()), packetKey.at(key.source()));
            crossings.see(isTaken, answer, twinKey);
        }
    }

    /// While it is taken, another is chosen.
    private void findPort(int tries, Place isTaken, IntConsumer choose) {
        for (int i = 0; i < tries; i++) {
            int attempt = i;
            code.when(isTaken.isNot(0), () -> {
                code.within(() -> choose.accept(attempt));
                nameTwin();
                code.within(() -> {
                    Pointer other = code.pointer("other");
                    tables.find(other, twinKey);
                    code.when(other.isNull(), () -> code.set(isTaken, 0));
                });
                code.within(() -> seeCrossing(isTaken));
            });
        }
    }

    private void nameTwin() {
        code.copy(twinKey.at(key.destination()), entry.at(flows.source()));
        code.set(twinKey.at(key.destinationPort()), entry.at(flows.sourcePort()));
    }

    /// A source address and port in turn, so that each rests as long as can be before it is used again: the endpoint
    /// may still remember the connection that had it. The turn is not moved past those that are held.
    private void findSource() {
        Pointer turns = code.pointer("turns");
        code.set(turns, entry(shared.turns(), Translation.address(service)));
        code.when(turns.isNull(), () -> code.leave(Verdict.DROP));
        Place turn = code.number("turn");
        Place isTaken = code.number("taken");
        code.set(isTaken, 1);
        findPort(PORT_TRIES, isTaken, attempt -> {
            if (attempt < TURNS) {
                code.set(turn, new Value.FetchedAdd(turns.at(SharedMaps.PORT_TURN), Value.of(1)));
            } else {
                Value round = listener.at(services.ports()).times(listener.at(services.sources()));
                code.set(
                        turn,
                        round.times(Value.of(GOLDEN)).shiftedRight(32).or(1).plus(turn));
            }
            setSource(turn);
        });
        code.when(isTaken.isNot(0), () -> lose(Loss.NO_PORT));
    }

    /// The addresses have their turns one after the other, each with all of its ports.
    private void setSource(Place turn) {
        Place number = code.number("number");
        code.set(number, turn.dividedBy(listener.at(services.ports())));
        code.set(number, number.remainder(listener.at(services.sources())).plus(listener.at(services.firstSource())));
        Value port = turn.remainder(listener.at(services.ports())).plus(listener.at(services.firstPort()));
        code.set(entry.at(flows.sourcePort()), port.turned16());
        Pointer source = code.pointer("source");
        code.set(source, entry(shared.sources(), Translation.address(number)));
        code.when(source.isNull(), () -> lose(Loss.NO_PORT));
        copyAddress(entry.at(flows.source()), source.at(SharedMaps.SOURCE_ADDRESS));
    }

    private void copyAddress(Place address, Place sixteen) {
        code.copy(
                address,
                new Place(sixteen.base(), sixteen.offset(), maps.family().addressBytes()));
    }

    /// Both entries: the twin's first, so that no answer comes too early. Another processor may have given the same
    /// port to another flow since this one looked: the client sends again what is lost here, and gets another.
    private void insert() {
        code.set(entry.at(flows.endpoint()), endpoint);
        code.set(entry.at(flows.service()), service);
        code.set(entry.at(flows.seen()), packet.now());
        code.set(entry.at(flows.began()), result(Helper.KTIME_NANOS));
        code.when(
                packetKey.at(key.protocol()).is(Transport.TCP.number()),
                () -> code.when(
                        packet.control().hasNone(Transport.SYN),
                        () -> code.set(entry.at(flows.flags()), FlowEntry.ADOPTED)));
        Area twin = code.area("twin entry", flows.layout());
        code.clear(twin);
        for (Field same : new Field[] {flows.endpoint(), flows.service(), flows.seen(), flows.began()}) {
            code.set(twin.at(same), entry.at(same));
        }
        code.set(twin.at(flows.flags()), entry.at(flows.flags()).or(FlowEntry.FROM_ENDPOINT));
        code.copy(twin.at(flows.source()), packetKey.at(key.destination()));
        code.copy(twin.at(flows.destination()), packetKey.at(key.source()));
        code.set(twin.at(flows.sourcePort()), packetKey.at(key.destinationPort()));
        code.set(twin.at(flows.destinationPort()), packetKey.at(key.sourcePort()));
        sums(packetKey, entry);
        sums(twinKey, twin);
        Place refused = code.number("refused");
        code.set(refused, FlowTables.putNew(maps.begun(), twinKey.address(), twin.address()));
        code.when(refused.isNot(0), () -> {
            code.when(refused.is(Bpf.EEXIST), () -> lose(Loss.CLASH));
            lose(Loss.NO_ROOM);
        });
        code.set(refused, FlowTables.put(maps.begun(), packetKey.address(), entry.address()));
        code.when(refused.isNot(0), () -> lose(Loss.NO_ROOM));
        shared.tallies()
                .with(code, endpoint, tally -> Counters.add(code, tally.at(Tallies.TALLIES.flows()), Value.of(1)));
    }

    private void sums(Area from, Area to) {
        Place sum = code.number("sum");
        Sums addresses = new Sums(code, sum);
        addresses.change(from.at(key.source()), to.at(flows.source()));
        addresses.change(from.at(key.destination()), to.at(flows.destination()));
        addresses.fold();
        code.set(to.at(flows.addressSum()), sum);
        Place before = from.at(key.sourcePort().offset(), 4);
        Place after = to.at(flows.sourcePort().offset(), 4);
        Sums ports = new Sums(code, sum);
        ports.change(before, after);
        ports.fold();
        code.when(before.is(after), () -> code.set(sum, 0));
        code.set(to.at(flows.portSum()), sum);
    }

    private void lose(Loss loss) {
        picking.lose(loss);
    }
}
