package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;

/// The part of [Translation] for packets with more in the header of IP than all have: options of IPv4, extension
/// headers of IPv6, those of fragments among them. They are left to the host, which has no use for them when they are
/// for a listener: such are counted. Of a fragment that is not the first nobody knows whose it is.
final class HeaderOptions {
    private static final int FRAGMENT_HEADER = 44;

    /// RFC 8200 §4: hop-by-hop options, routing, fragment, destination options.
    private static final int[] EXTENSIONS = {0, 43, FRAGMENT_HEADER, 60};

    /// Of them in one packet; more are rare, and go uncounted.
    private static final int EXTENSIONS_MAX = 3;

    /// The offset of a fragment of IPv6, in the first four bytes of that header as they lie in memory.
    private static final long OFFSET_6 = 0xf8ff_0000L;

    private static final int LENGTH_BITS = 0x0f;

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Packet packet;
    private final Features features;
    private final Family family;
    private final FlowKey key;

    HeaderOptions(Code code, SharedMaps shared, FamilyMaps maps, Packet packet, Features features) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.packet = packet;
        this.features = features;
        this.family = maps.family();
        this.key = maps.flowKey();
    }

    /// Leaves the program.
    void count() {
        code.atTheEnd(() -> {
            Place at = code.number("at");
            Place protocol = code.number("protocol");
            code.within(() -> {
                Pointer header = code.pointer("packet");
                code.packet(header, family.transport(), this::leave);
                code.copy(packet.key().at(key.destination()), header.at(family.destination(), family.addressBytes()));
                code.set(protocol, header.at(family.protocol(), 1));
                code.set(at, family.transport());
                if (family == Family.IPV4) {
                    code.when(header.at(Packet.FRAGMENT_FIELD, 2).hasAny(Packet.FRAGMENT_OFFSET), this::leave);
                    Value words = header.at(Family.ETHERNET, 1).and(LENGTH_BITS);
                    code.set(at, words.shiftedLeft(2).plus(Family.ETHERNET));
                }
            });
            if (family == Family.IPV6) {
                for (int i = 0; i < EXTENSIONS_MAX; i++) {
                    code.within(() -> passExtension(protocol, at));
                }
            }
            countFor(protocol, at);
        });
    }

    private void passExtension(Place protocol, Place at) {
        Place isOne = code.number("extension");
        code.set(isOne, 0);
        for (int each : EXTENSIONS) {
            code.when(protocol.is(each), () -> code.set(isOne, 1));
        }
        code.when(isOne.isNot(0), () -> {
            Place header = load(at);
            code.when(protocol.is(FRAGMENT_HEADER), () -> code.when(header.hasAny(OFFSET_6), this::leave));
            code.set(protocol, header.and(0xff));
            // In words of eight bytes, the first not counted; 0 in that of fragments.
            code.set(at, header.shiftedRight(8).and(0xff).plus(1).shiftedLeft(3).plus(at));
        });
    }

    private void countFor(Place protocol, Place at) {
        code.when(
                protocol.isNot(Transport.TCP.number()),
                () -> code.when(protocol.isNot(Transport.UDP.number()), this::leave));
        Place ports = load(at);
        Picking picking = new Picking(code, shared, maps, features);
        picking.findListener(
                packet.key().at(key.destination()), new Place(ports.base(), ports.offset() + 2, 2), protocol);
        Losses.count(code, shared, picking.service(), Loss.OPTIONS);
        leave();
    }

    /// Four bytes from there on, or nothing to count.
    private Place load(Place at) {
        Place four = code.number("four");
        code.set(four, 0);
        code.when(
                result(Helper.SKB_LOAD, code.context().address(), at, Translation.address(four), Value.of(4))
                        .isNot(0),
                this::leave);
        return four;
    }

    private void leave() {
        code.leave(Verdict.NEXT);
    }
}
