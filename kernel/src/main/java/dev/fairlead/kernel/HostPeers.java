package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;
import static dev.fairlead.kernel.bpf.Code.result;

import dev.fairlead.kernel.bpf.Area;
import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Helper;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import dev.fairlead.sys.Bpf;

/// The part of [HostConnections] and [HostAnswers] that knows which endpoint a socket of this host has behind a
/// listener, and behind which listener an endpoint is for it. Its datagrams are not changed on their way, so nothing
/// else would tell.
final class HostPeers {
    private final Code code;
    private final SharedMaps shared;
    private final FamilyMaps maps;
    private final PeerEntry names;

    HostPeers(Code code, SharedMaps shared, FamilyMaps maps) {
        this.code = code;
        this.shared = shared;
        this.maps = maps;
        this.names = maps.peer();
    }

    /// The endpoint that the socket had when it last sent to this listener, while it may be given flows; else the one
    /// that `otherwise` picks.
    void keep(Place listener, Value port, Picking picking, Runnable otherwise) {
        Place isKept = code.number("kept");
        code.set(isKept, 0);
        code.within(() -> {
            Area asked = key(listener, port, 0);
            Pointer peer = code.pointer("peer");
            code.set(peer, entry(maps.peers(), asked.address()));
            code.when(peer.isThere(), () -> {
                code.set(picking.endpoint(), peer.at(names.endpoint()));
                Pointer endpoint = code.pointer("endpoint");
                code.set(endpoint, entry(shared.endpoints(), Translation.address(picking.endpoint())));
                code.when(
                        endpoint.isThere(),
                        () -> code.when(
                                endpoint.at(EndpointEntry.ENTRY.service())
                                        .is(picking.service().plus(1)),
                                () -> code.set(isKept, endpoint.at(EndpointEntry.ENTRY.usable()))));
            });
        });
        code.when(isKept.is(0), otherwise);
    }

    /// That the socket has the endpoint of this number, at this address, behind the listener at that one.
    void note(Place listener, Value listenerPort, Place endpoint, Value endpointPort, Place number) {
        code.within(() -> put(key(listener, listenerPort, 0), endpoint, endpointPort, number));
        code.within(() -> put(key(endpoint, endpointPort, 1), listener, listenerPort, number));
    }

    /// Puts the listener's address and port in the place of those of an endpoint that answers.
    void turnBack(Place address, Place port) {
        Area answering = key(address, port, 1);
        Pointer listener = code.pointer("listener");
        code.set(listener, entry(maps.peers(), answering.address()));
        code.when(listener.isThere(), () -> {
            code.copy(address, listener.at(names.toAddress()));
            code.set(port, listener.at(names.toPort()));
        });
    }

    private void put(Area key, Place address, Value port, Place number) {
        Area peer = code.area("peer", names.value());
        code.clear(peer);
        code.copy(peer.at(names.toAddress()), address);
        code.set(peer.at(names.toPort()), port);
        code.set(peer.at(names.endpoint()), number);
        code.call(
                Helper.MAP_UPDATE,
                new Value.MapReference(maps.peers()),
                key.address(),
                peer.address(),
                Value.of(Bpf.ANY));
    }

    private Area key(Place address, Value port, int isEndpoint) {
        Area key = code.area("peer key", names.key());
        code.clear(key);
        code.set(
                key.at(names.socket()),
                result(Helper.SOCKET_COOKIE, code.context().address()));
        code.copy(key.at(names.address()), address);
        code.set(key.at(names.port()), port);
        code.set(key.at(names.isEndpoint()), isEndpoint);
        return key;
    }
}
