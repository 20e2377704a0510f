package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Layout;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.SocketAddress;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.kernel.bpf.Verdict;
import java.util.List;

/// The program that Linux runs when a socket of this host connects. Packets of this host do not come in on an
/// interface,
/// where [Translation] would see them: so a socket that connects to a listener connects to an endpoint right away,
/// which
/// is picked as for anybody else. No packet of it is changed, and it is no flow of this balancer.
final class HostConnections {
    private static final Layout ADDRESS = new Layout();

    static {
        ADDRESS.bytes("address", 16);
    }

    /// RFC 4291 §2.5.5.2: an address of IPv4 in a socket of IPv6 has this before its last 4 bytes.
    private static final long MAPPED = 0xffff;

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Features features;

    private HostConnections(Code code, SharedMaps shared, FamilyMaps maps, Features features) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.features = features;
    }

    /// `network`: the number of this process's network; sockets of others are not of this host.
    static Program program(SharedMaps shared, List<FamilyMaps> families, Features features, Hook hook, long network) {
        return Code.write("fairlead_host", hook, code -> {
            code.when(
                    result(Helper.NETWORK_COOKIE, code.context().address()).isNot(Value.of(network)),
                    () -> code.leave(Verdict.NEXT));
            for (FamilyMaps maps : families) {
                new HostConnections(code, shared, maps, features).writeFor(hook);
            }
            code.leave(Verdict.NEXT);
        });
    }

    private void writeFor(Hook hook) {
        Pointer wanted = code.context();
        if (hook == Hook.CONNECT_4) {
            if (maps.family() == Family.IPV4) {
                redirect(wanted.at(SocketAddress.IPV4));
            }
            return;
        }
        int at = SocketAddress.IPV6.offset();
        Place isMapped = code.number("mapped");
        code.set(isMapped, wanted.at(at, 4).or(wanted.at(at + 4, 4)));
        code.set(isMapped, isMapped.or(wanted.at(at + 8, 4).turned32().xor(Value.of(MAPPED))));
        if (maps.family() == Family.IPV4) {
            code.when(isMapped.is(0), () -> redirect(wanted.at(at + 12, 4)));
        } else {
            code.when(isMapped.isNot(0), () -> redirect(wanted.at(SocketAddress.IPV6)));
        }
    }

    /// Its own address is not known yet: where that decides, the listener's stands for it, so this host keeps its
    /// endpoint too.
    private void redirect(Place address) {
        code.within(() -> {
            Pointer wanted = code.context();
            Area listener = code.area("listener address", ADDRESS);
            code.clear(listener);
            Place known = listener.at(0, address.bytes());
            code.copy(known, address);
            Place port = code.number("port");
            code.set(port, result(Helper.RANDOM).and(0xffff));
            Picking picking = new Picking(code, shared, maps, features);
            picking.findListener(known, wanted.at(SocketAddress.PORT), wanted.at(SocketAddress.PROTOCOL));
            picking.findEndpoint(known, port);
            Pointer chosen = code.pointer("endpoint");
            code.set(chosen, entry(shared.endpoints(), Translation.address(picking.endpoint())));
            code.when(chosen.isNull(), () -> picking.lose(Loss.NO_ENDPOINT));
            Place sixteen = chosen.at(EndpointEntry.ENTRY.address());
            code.copy(address, new Place(sixteen.base(), sixteen.offset(), address.bytes()));
            Place own = chosen.at(EndpointEntry.ENTRY.port());
            code.when(own.isNot(EndpointAddress.ASKED_PORT), () -> code.set(wanted.at(SocketAddress.PORT), own));
            code.leave(Verdict.NEXT);
        });
    }
}
