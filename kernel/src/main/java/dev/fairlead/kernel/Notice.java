package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;

/// The part of [Translation] that tells who sent a packet why it is not passed on, as any router does. The notice is
/// made of the packet itself, which is cut off, or filled up with zeros, and gets headers before its own. It comes from
/// the listener, whose address is the one that both sides know.
///
/// There is a limit to notices, as RFC 4443 §2.4 (f) asks for: who does not listen to them gets no more than that.
final class Notice {
    /// Why: type and code of ICMP (RFC 792, RFC 4443), and what is counted when it is told, and when there were too
    /// many.
    enum Reason {
        /// Fragmentation needed; packet too big.
        TOO_LONG(0x0304, 0x0200, Loss.TOO_LONG, Loss.TOO_LONG_UNTOLD, SharedMaps.NEXT_REPORT),
        /// Time exceeded in transit.
        LAST_HOP(0x0b00, 0x0300, Loss.HOPS, Loss.HOPS, SharedMaps.NEXT_LAST_HOP);

        private final int code4;
        private final int code6;
        private final Loss told;
        private final Loss untold;
        private final Field next;

        Reason(int code4, int code6, Loss told, Loss untold, Field next) {
            this.code4 = code4;
            this.code6 = code6;
            this.told = told;
            this.untold = untold;
            this.next = next;
        }
    }

    /// A second, for each listener on each processor: as Linux has it for all it says (`icmp_msgs_per_sec`). Who is
    /// not told misses a line of traceroute, no more, and anybody can ask for it.
    private static final int LAST_HOPS = 1000;

    /// What is told of the packet behind its IP header: ports, numbers, and the sum of TCP. The last word is another.
    private static final int QUOTED = 40;

    private static final int WORD = 2;

    /// `enum bpf_adj_room_mode`: room right behind the Ethernet header.
    private static final int BEHIND_ETHERNET = 1;

    /// Type, code, checksum, and what fits.
    private static final int ICMP_BYTES = 8;

    private static final long SECOND = 1_000_000_000;

    private static final int HOPS = 64;
    private static final int DO_NOT_FRAGMENT = 0x4000;

    private final Code code;
    private final SharedMaps shared;
    private final Packet packet;
    private final Family family;
    private final FlowKey key;
    private final FlowEntry flows;

    /// The length of an IP header, where ICMP ends and the packet inside begins, and the whole report.
    private final int header;

    private final int inside;
    private final int whole;

    private final int reports;

    /// `reports`: of packets that are too long, a second, for each listener on each processor.
    Notice(Code code, SharedMaps shared, FamilyMaps maps, Packet packet, int reports) {
        this.code = code;
        this.shared = shared;
        this.packet = packet;
        this.family = maps.family();
        this.key = maps.flowKey();
        this.flows = maps.flow();
        this.header = family.transport() - Family.ETHERNET;
        this.inside = family.transport() + ICMP_BYTES;
        this.whole = inside + header + QUOTED;
        this.reports = reports;
    }

    /// Leaves the program. `room`: what would fit, or 0.
    void send(Pointer flow, Reason reason, Value room) {
        Place service = code.number("service");
        code.set(service, flow.at(flows.service()));
        // RFC 1122 §3.2.2: nor of a fragment that is not the first.
        code.when(packet.control().hasAny(Packet.LATER), () -> Losses.lose(code, shared, service, reason.untold));
        code.within(() -> shared.losses().with(code, service, losses -> count(losses, reason)));
        cutAndMakeRoom();
        Pointer at = code.pointer("packet");
        code.packet(at, whole, () -> code.leave(Verdict.DROP));
        leaveNothingToFinish(at);
        turnRound(at);
        code.when(
                flow.at(flows.flags()).hasAny(FlowEntry.FROM_ENDPOINT),
                () -> code.copy(at.at(family.source(), family.addressBytes()), flow.at(flows.source())),
                () -> code.copy(
                        at.at(family.source(), family.addressBytes()),
                        packet.key().at(key.destination())));
        code.copy(
                at.at(family.destination(), family.addressBytes()), packet.key().at(key.source()));
        if (family == Family.IPV4) {
            head4(at, reason, room);
        } else {
            head6(at, reason, room);
        }
        code.leave(result(Helper.REDIRECT, code.context().at(Skb.INTERFACE), Value.of(0)));
    }

    /// Leaves the program when there were so many reports that the next one would not be due for a second: the generic
    /// cell rate algorithm (ITU-T I.371), which is a token bucket of one number.
    private void count(Pointer losses, Reason reason) {
        Place next = losses.at(reason.next);
        long nanosEach = SECOND / (reason == Reason.LAST_HOP ? LAST_HOPS : reports);
        code.when(next.isAbove(packet.now().plus(SECOND - nanosEach)), () -> {
            Counters.add(code, losses.at(reason.untold.field()), Value.of(1));
            code.leave(Verdict.DROP);
        });
        code.when(next.isBelow(packet.now()), () -> code.set(next, packet.now()));
        code.set(next, next.plus(nanosEach));
        Counters.add(code, losses.at(reason.told.field()), Value.of(1));
    }

    /// By Linux's own functions: they know of joined segments, and of what a card is still to do.
    private void cutAndMakeRoom() {
        Value packet = code.context().address();
        code.when(
                result(Helper.CHANGE_TAIL, packet, Value.of(family.transport() + QUOTED), Value.of(0))
                        .isNot(0),
                () -> code.leave(Verdict.DROP));
        code.when(
                result(
                                Helper.ADJUST_ROOM,
                                packet,
                                Value.of(header + ICMP_BYTES),
                                Value.of(BEHIND_ETHERNET),
                                Value.of(0))
                        .isNot(0),
                () -> code.leave(Verdict.DROP));
        code.call(Helper.PULL, packet, Value.of(whole));
    }

    /// The sum of the packet inside may be one that the card is to finish, which no program is told; the card then does
    /// so in the report. The last word is such that it comes to what stands there already: so nothing of the report
    /// changes, and its own sum can be worked out here.
    private void leaveNothingToFinish(Pointer at) {
        int transport = inside + header;
        Place last = at.at(whole - WORD, WORD);
        code.set(last, 0);
        Place sum = add(at, transport, QUOTED, 0);
        code.when(
                packet.key().at(key.protocol()).is(Transport.TCP.number()),
                () -> code.set(sum, sum.plus(at.at(transport + Transport.TCP.checksum(), WORD))),
                () -> code.set(sum, sum.plus(at.at(transport + Transport.UDP.checksum(), WORD))));
        fold(sum);
        code.set(last, sum.xor(Value.of(0xffff)));
    }

    private void turnRound(Pointer at) {
        Place mac = code.number("mac");
        code.copy(new Place(mac.base(), mac.offset(), 6), at.at(0, 6));
        code.copy(at.at(0, 6), at.at(6, 6));
        code.copy(at.at(6, 6), new Place(mac.base(), mac.offset(), 6));
    }

    private void head4(Pointer at, Reason reason, Value room) {
        int ip = Family.ETHERNET;
        code.set(at.at(ip, 2), Value.network16(0x4500));
        code.set(at.at(ip + 2, 2), Value.network16(whole - ip));
        code.set(at.at(ip + 4, 2), 0);
        code.set(at.at(ip + 6, 2), Value.network16(DO_NOT_FRAGMENT));
        code.set(at.at(ip + 8, 2), Value.network16(HOPS << 8 | family.icmp()));
        code.set(at.at(ip + 10, 2), 0);
        sum(at, ip, header, ip + 10, 0);
        int icmp = family.transport();
        code.set(at.at(icmp, 2), Value.network16(reason.code4));
        code.set(at.at(icmp + 2, 4), 0);
        code.set(at.at(icmp + 6, 2), room.turned16());
        sum(at, icmp, whole - icmp, icmp + 2, 0);
    }

    private void head6(Pointer at, Reason reason, Value room) {
        int ip = Family.ETHERNET;
        int icmp = family.transport();
        code.set(at.at(ip, 2), Value.network16(6 << 12));
        code.set(at.at(ip + 2, 2), 0);
        code.set(at.at(ip + 4, 2), Value.network16(whole - icmp));
        code.set(at.at(ip + 6, 2), Value.network16(family.icmp() << 8 | HOPS));
        code.set(at.at(icmp, 2), Value.network16(reason.code6));
        code.set(at.at(icmp + 2, 2), 0);
        code.set(at.at(icmp + 4, 4), room.turned32());
        // RFC 4443 §2.3: with the addresses, which stand before it, the length, and the number of the protocol.
        sum(at, family.source(), whole - family.source(), icmp + 2, whole - icmp + family.icmp());
    }

    /// Of so many bytes from there, the place of the sum among them, and a number more.
    private void sum(Pointer at, int from, int bytes, int place, int more) {
        code.set(at.at(place, WORD), add(at, from, bytes, more).xor(Value.of(0xffff)));
    }

    private Place add(Pointer at, int from, int bytes, int more) {
        Place sum = code.number("sum");
        code.set(
                sum,
                result(
                        Helper.CHECKSUM_DIFFERENCE,
                        Value.of(0),
                        Value.of(0),
                        new Value.Address(at, from),
                        Value.of(bytes),
                        Value.network16(more)));
        fold(sum);
        return sum;
    }

    private void fold(Place sum) {
        for (int fold = 0; fold < 2; fold++) {
            code.set(sum, sum.and(0xffff).plus(sum.shiftedRight(16)));
        }
    }
}
