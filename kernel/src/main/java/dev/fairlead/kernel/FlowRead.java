package dev.fairlead.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Looks at one entry of a table of flows, where it lies in a buffer of many.
final class FlowRead {
    private final FamilyMaps maps;
    private ByteBuffer keys = ByteBuffer.allocate(0);
    private ByteBuffer values = ByteBuffer.allocate(0);
    private int key;
    private int value;

    FlowRead(FamilyMaps maps) {
        this.maps = maps;
    }

    /// Looks at the entry of this number from now on.
    FlowRead at(ByteBuffer allKeys, ByteBuffer allValues, int number) {
        keys = allKeys;
        values = allValues;
        key = number * maps.flows().keyBytes();
        value = number * maps.flows().valueBytes();
        return this;
    }

    int flags() {
        return values.getInt(value + maps.flow().flags().offset());
    }

    boolean isFromEndpoint() {
        return (flags() & FlowEntry.FROM_ENDPOINT) != 0;
    }

    /// Whether both sides have ended it, or one has reset it. The entry stays for what may still come.
    boolean isClosed() {
        int done = FlowEntry.CLIENT_DONE | FlowEntry.ENDPOINT_DONE;
        return (flags() & FlowEntry.RESET) != 0 || (flags() & done) == done;
    }

    int service() {
        return values.getInt(value + maps.flow().service().offset());
    }

    int endpoint() {
        return values.getInt(value + maps.flow().endpoint().offset());
    }

    long seenNanos() {
        return values.getLong(value + maps.flow().seen().offset());
    }

    long beganNanos() {
        return values.getLong(value + maps.flow().began().offset());
    }

    /// From the first packet to the endpoint's answer, and to its first bytes after the client's; 0 when that did not
    /// come, or cannot be told.
    long connectNanos() {
        FlowEntry names = maps.flow();
        boolean isKnown = !isTcp() || values.getInt(value + names.proof().offset()) != 0;
        long at = answeredAtNanos();
        return at == 0 || !isKnown || (flags() & (FlowEntry.REPEATED | FlowEntry.ADOPTED)) != 0 ? 0 : at - beganNanos();
    }

    long responseNanos() {
        long asked = values.getLong(value + maps.flow().askedAt().offset());
        return asked == 0 ? 0 : Math.max(0, respondedAtNanos() - asked);
    }

    long answeredAtNanos() {
        return values.getLong(value + maps.flow().answeredAt().offset());
    }

    long respondedAtNanos() {
        return values.getLong(value + maps.flow().respondedAt().offset());
    }

    long bytes() {
        return values.getLong(value + maps.flow().bytes().offset());
    }

    boolean isTcp() {
        return keys.getInt(key + maps.flowKey().protocol().offset()) == Transport.TCP.number();
    }

    /// Where its packets are led: of a flow from the client, its endpoint.
    InetSocketAddress destination() {
        FlowEntry names = maps.flow();
        return address(
                values,
                value + names.destination().offset(),
                value + names.destinationPort().offset());
    }

    private static int port(ByteBuffer in, int at) {
        int port = in.order(ByteOrder.BIG_ENDIAN).getShort(at) & 0xffff;
        in.order(ByteOrder.nativeOrder());
        return port;
    }

    InetSocketAddress source() {
        FlowKey names = maps.flowKey();
        return address(
                keys, key + names.source().offset(), key + names.sourcePort().offset());
    }

    private InetSocketAddress address(ByteBuffer in, int ip, int port) {
        byte[] bytes = new byte[maps.family().addressBytes()];
        in.get(ip, bytes);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port(in, port));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    void copyKey(ByteBuffer to, int number) {
        int bytes = maps.flows().keyBytes();
        to.put(number * bytes, keys, key, bytes);
    }

    /// The key of the other direction.
    void copyTwinKey(ByteBuffer to, int number) {
        FlowEntry from = maps.flow();
        FlowKey names = maps.flowKey();
        int at = number * maps.flows().keyBytes();
        int address = maps.family().addressBytes();
        to.put(at + names.source().offset(), values, value + from.destination().offset(), address);
        to.put(at + names.destination().offset(), values, value + from.source().offset(), address);
        to.put(
                at + names.sourcePort().offset(),
                values,
                value + from.destinationPort().offset(),
                2);
        to.put(
                at + names.destinationPort().offset(),
                values,
                value + from.sourcePort().offset(),
                2);
        to.put(at + names.protocol().offset(), keys, key + names.protocol().offset(), 4);
    }
}
