package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Layout;
import dev.fairlead.kernel.bpf.Skb;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.sys.Bpf;

/// The packet that a program looks at: the key of its flow, and what else its headers say.
final class Packet {
    /// In [#control], beside TCP's own bits: a fragment that is not the first, so it has no ports.
    static final int LATER = 1 << 8;

    /// There too: it has bytes of the connection in it.
    static final int CONTENT = 1 << 9;

    /// There too: this host may not pass it on any more (RFC 1812 §5.3.1).
    static final int LAST_HOP = 1 << 10;

    /// More fragments, or an offset of one (RFC 791 §3.1), as the bytes lie in memory; and the offset alone.
    private static final long FRAGMENT = 0xff3f;

    static final long FRAGMENT_OFFSET = 0xff1f;

    private static final int VERSION_4_WITHOUT_OPTIONS = 0x45;
    private static final int VERSION_4_WITH_MOST = 0x4f;
    private static final int VERSION_6 = 0x60;
    private static final int VERSION_BITS = 0xf0;

    // Where IPv4 has its length, the identification of a datagram whose fragments are one, and the fragment field.
    private static final int LENGTH_4 = 16;
    private static final int IDENTIFICATION = 18;
    static final int FRAGMENT_FIELD = 20;

    /// Where IPv6 has its length, which does not count the header.
    private static final int LENGTH_6 = 18;

    private static final Layout NUMBERS = new Layout();
    private static final Field SEQUENCE = NUMBERS.u32("sequence");
    private static final Field ACKNOWLEDGED = NUMBERS.u32("acknowledged");

    private final Code code;
    private final FamilyMaps maps;
    private final Family family;
    private final FlowKey names;
    private final Area key;
    private final Area numbers;
    private final Place now;
    private final Place control;
    private final Place length;

    Packet(Code code, FamilyMaps maps) {
        this.code = code;
        this.maps = maps;
        this.family = maps.family();
        this.names = maps.flowKey();
        this.key = code.area("key", names.layout());
        this.numbers = code.area("numbers", NUMBERS);
        this.now = code.number("now");
        this.control = code.number("control");
        this.length = code.number("length");
    }

    Area key() {
        return key;
    }

    Place now() {
        return now;
    }

    /// What it has behind the header of IP, by what that says.
    Value length() {
        return length;
    }

    /// TCP's control bits, [#LATER], [#CONTENT] and [#LAST_HOP].
    Place control() {
        return control;
    }

    /// Of TCP, in the machine's order.
    Value sequence() {
        return numbers.at(SEQUENCE).turned32();
    }

    Value acknowledged() {
        return numbers.at(ACKNOWLEDGED).turned32();
    }

    /// 0 when the two addresses are one.
    void compare(Place difference, Place one, Place other) {
        code.set(difference, 0);
        for (int at = 0; at < one.bytes(); at += 4) {
            Place left = new Place(one.base(), one.offset() + at, 4);
            Place right = new Place(other.base(), other.offset() + at, 4);
            code.set(difference, difference.or(left.xor(right)));
        }
    }

    /// Fills the key, or leaves the packet to the host: what is damaged too, so that Linux says what it says of such.
    /// `onOther`: what to do with a packet that is neither TCP nor UDP.
    void read(Runnable onOther) {
        read(onOther, this::leave);
    }

    /// `onOptions`: and with one that has options of IPv4, or extension headers.
    void read(Runnable onOther, Runnable onOptions) {
        code.clear(key);
        code.clear(numbers);
        code.set(control, 0);
        code.set(now, result(Helper.KTIME_COARSE));
        code.within(() -> {
            Pointer packet = code.pointer("packet");
            reach(packet, family.transport());
            readLength(packet, onOptions);
            code.copy(key.at(names.source()), packet.at(family.source(), family.addressBytes()));
            code.copy(key.at(names.destination()), packet.at(family.destination(), family.addressBytes()));
            code.set(key.at(names.protocol()), packet.at(family.protocol(), 1));
            if (family == Family.IPV4) {
                code.when(packet.at(FRAGMENT_FIELD, 2).hasAny(FRAGMENT_OFFSET), () -> readLater(packet));
            }
            code.when(control.hasNone(LATER), () -> readTransport(packet, onOther, onOptions));
            code.when(packet.at(family.hops(), 1).isBelow(2), () -> code.set(control, control.or(LAST_HOP)));
        });
    }

    /// Not more than there is. What Linux has joined may be longer than the header can say, which then says 0.
    private void readLength(Pointer packet, Runnable onOptions) {
        Place frame = code.number("frame");
        if (family == Family.IPV4) {
            code.when(packet.at(Family.ETHERNET, 1).isNot(VERSION_4_WITHOUT_OPTIONS), () -> {
                code.when(packet.at(Family.ETHERNET, 1).isBelow(VERSION_4_WITHOUT_OPTIONS + 1), this::leave);
                code.when(packet.at(Family.ETHERNET, 1).isAbove(Value.of(VERSION_4_WITH_MOST)), this::leave);
                onOptions.run();
            });
            Value said = packet.at(LENGTH_4, 2).turned16();
            code.set(length, said.minus(family.transport() - Family.ETHERNET));
            measureFrame(frame);
            // Without a sign: less than the header alone is far too much.
            code.when(length.isAbove(frame), () -> {
                code.when(packet.at(LENGTH_4, 2).isNot(0), this::leave);
                takeJoined(frame, this::leave);
            });
        } else {
            code.when(packet.at(Family.ETHERNET, 1).and(VERSION_BITS).isNot(VERSION_6), this::leave);
            code.set(length, packet.at(LENGTH_6, 2).turned16());
            measureFrame(frame);
            code.when(length.isAbove(frame), this::leave);
            code.when(length.is(0), () -> takeJoined(frame, () -> {}));
        }
    }

    private void takeJoined(Place frame, Runnable otherwise) {
        if (code.hook() == Hook.DRIVER) {
            otherwise.run();
            return;
        }
        code.when(code.context().at(Skb.SEGMENT).is(0), otherwise, () -> code.set(length, frame));
    }

    /// What there is behind the header of IP.
    private void measureFrame(Place frame) {
        Value whole = code.hook() == Hook.DRIVER
                ? result(Helper.DRIVER_LENGTH, code.context().address())
                : code.context().at(Skb.LENGTH);
        code.set(frame, whole.minus(family.transport()));
    }

    /// A fragment without ports has those of the first one; when that has not come by, nobody knows them.
    private void readLater(Pointer packet) {
        Area fragment = fragmentKey(packet);
        Pointer first = code.pointer("first");
        code.set(first, entry(maps.fragments(), fragment.address()));
        code.when(first.isNull(), this::leave);
        code.copy(ports(), first.at(FragmentEntry.PORTS));
        code.set(control, LATER);
    }

    private void readTransport(Pointer packet, Runnable onOther, Runnable onOptions) {
        Place protocol = key.at(names.protocol());
        code.when(protocol.is(Transport.TCP.number()), () -> readTcp(packet), () -> {
            code.when(protocol.isNot(Transport.UDP.number()), () -> readOther(onOther, onOptions));
            readUdp(packet);
        });
        code.copy(ports(), packet.at(family.transport(), 4));
        if (family == Family.IPV4) {
            code.when(packet.at(FRAGMENT_FIELD, 2).hasAny(FRAGMENT), () -> noteFirst(packet));
        }
    }

    private void readOther(Runnable onOther, Runnable onOptions) {
        if (family == Family.IPV6) {
            code.when(key.at(names.protocol()).isNot(family.icmp()), onOptions);
        }
        onOther.run();
    }

    private void readTcp(Pointer packet) {
        int at = family.transport();
        reach(packet, at + Transport.TCP.bytes());
        code.copy(numbers.at(0, 8), packet.at(at + Transport.TCP_SEQUENCE, 8));
        code.set(control, packet.at(at + Transport.TCP_CONTROL, 1));
        Place headers = code.number("headers");
        code.set(headers, tcpHeaderBytes(packet, family));
        code.when(headers.isBelow(Transport.TCP.bytes()), this::leave);
        code.when(
                length.isAbove(headers),
                () -> code.set(control, control.or(CONTENT)),
                () -> code.when(headers.isNot(length), this::leave));
    }

    /// Of a datagram in fragments it is the length of the whole that stands in the first.
    private void readUdp(Pointer packet) {
        reach(packet, family.transport() + Transport.UDP.bytes());
        Place said = code.number("said");
        code.set(said, packet.at(family.transport() + Transport.UDP_LENGTH, 2).turned16());
        code.when(said.isBelow(Transport.UDP.bytes()), this::leave);
        code.when(said.isAbove(length), () -> {
            if (family == Family.IPV4) {
                code.when(packet.at(FRAGMENT_FIELD, 2).hasNone(FRAGMENT), this::leave);
            } else {
                leave();
            }
        });
    }

    /// It stands in the upper half, in words of 4 bytes.
    static Value tcpHeaderBytes(Pointer packet, Family family) {
        return packet.at(family.transport() + Transport.TCP_OFFSET, 1)
                .shiftedRight(4)
                .shiftedLeft(2);
    }

    private void noteFirst(Pointer packet) {
        Area fragment = fragmentKey(packet);
        Area value = code.area("ports", FragmentEntry.VALUE);
        code.clear(value);
        code.copy(value.at(FragmentEntry.PORTS), ports());
        code.call(
                Helper.MAP_UPDATE,
                new Value.MapReference(maps.fragments()),
                fragment.address(),
                value.address(),
                Value.of(Bpf.ANY));
    }

    private Area fragmentKey(Pointer packet) {
        Area fragment = code.area("fragment", FragmentEntry.KEY);
        code.clear(fragment);
        code.copy(fragment.at(FragmentEntry.SOURCE), packet.at(Family.IPV4.source(), 4));
        code.copy(fragment.at(FragmentEntry.DESTINATION), packet.at(Family.IPV4.destination(), 4));
        code.set(fragment.at(FragmentEntry.IDENTIFICATION), packet.at(IDENTIFICATION, 2));
        code.set(fragment.at(FragmentEntry.PROTOCOL), packet.at(Family.IPV4.protocol(), 1));
        return fragment;
    }

    private Place ports() {
        return key.at(names.sourcePort().offset(), 4);
    }

    /// Makes the first bytes of the packet readable and writable; a packet that has less is not ours.
    void reach(Pointer packet, int bytes) {
        code.packet(
                packet,
                bytes,
                code.hook() == Hook.DRIVER
                        ? this::leave
                        : () -> {
                            code.call(Helper.PULL, code.context().address(), Value.of(bytes));
                            code.packet(packet, bytes, this::leave);
                        });
    }

    /// How long it is, Ethernet's header included.
    void measure(Place length) {
        if (code.hook() != Hook.DRIVER) {
            code.set(length, code.context().at(Skb.LENGTH));
            return;
        }
        code.within(() -> {
            Pointer packet = code.pointer("packet");
            code.packet(packet, family.transport(), this::leave);
            boolean is4 = family == Family.IPV4;
            Value said = packet.at(is4 ? LENGTH_4 : LENGTH_6, 2).turned16();
            code.set(length, said.plus(is4 ? Family.ETHERNET : family.transport()));
        });
    }

    private void leave() {
        code.leave(Verdict.NEXT);
    }
}
