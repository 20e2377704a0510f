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

/// The program that Linux runs when a socket of this host connects, or sends a datagram to an address that comes with
/// it. Packets of this host do not come in on an interface, where [Translation] would see them: so what is meant for a
/// listener goes to an endpoint right away, which is picked as for anybody else. No packet is changed on its way, and
/// none of it is a flow of this balancer.
final class HostConnections {
    private static final Layout ADDRESS = new Layout();

    static {
        ADDRESS.bytes("address", 16);
    }

    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final Features features;
    private final HostPeers peers;

    private HostConnections(Code code, SharedMaps shared, FamilyMaps maps, Features features) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.features = features;
        this.peers = new HostPeers(code, shared, maps);
    }

    /// `network`: the number of this process's network; sockets of others are not of this host.
    static Program program(SharedMaps shared, List<FamilyMaps> families, Features features, Hook hook, long network) {
        return Code.write("fairlead_host", hook, code -> {
            code.when(
                    result(Helper.NETWORK_COOKIE, code.context().address()).isNot(Value.of(network)),
                    () -> code.leave(Verdict.NEXT));
            for (FamilyMaps maps : families) {
                HostConnections each = new HostConnections(code, shared, maps, features);
                HostAddress.of(code, hook, maps.family(), each::redirect);
            }
            code.leave(Verdict.NEXT);
        });
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
            Place listenerPort = code.number("listener port");
            code.set(listenerPort, wanted.at(SocketAddress.PORT));
            Place port = code.number("port");
            code.set(port, result(Helper.RANDOM).and(0xffff));
            Picking picking = new Picking(code, shared, maps, features);
            picking.findListener(known, listenerPort, wanted.at(SocketAddress.PROTOCOL));
            if (isSending()) {
                peers.keep(known, listenerPort, picking, () -> picking.findEndpoint(known, port));
            } else {
                picking.findEndpoint(known, port);
            }
            Pointer chosen = code.pointer("endpoint");
            code.set(chosen, entry(shared.endpoints(), Translation.address(picking.endpoint())));
            code.when(chosen.isNull(), () -> picking.lose(Loss.NO_ENDPOINT));
            Place sixteen = chosen.at(EndpointEntry.ENTRY.address());
            Place endpoint = new Place(sixteen.base(), sixteen.offset(), address.bytes());
            Place endpointPort = code.number("endpoint port");
            code.set(endpointPort, chosen.at(EndpointEntry.ENTRY.port()));
            code.when(endpointPort.is(EndpointAddress.ASKED_PORT), () -> code.set(endpointPort, listenerPort));
            if (features.hasDatagrams()) {
                code.when(
                        wanted.at(SocketAddress.PROTOCOL).is(Transport.UDP.number()),
                        () -> peers.note(known, listenerPort, endpoint, endpointPort, picking.endpoint()));
            }
            code.copy(address, endpoint);
            code.set(wanted.at(SocketAddress.PORT), endpointPort);
            code.leave(Verdict.NEXT);
        });
    }

    private boolean isSending() {
        return code.hook() == Hook.SEND_4 || code.hook() == Hook.SEND_6;
    }
}
