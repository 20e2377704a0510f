package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/// A socket of this host, as a program sees it.
final class HostSocket {
    private HostSocket() {}

    /// What the program makes of an address. A socket of IPv6 has one of IPv4 mapped.
    static InetSocketAddress ask(
            Interpreter machine, Hook hook, InetSocketAddress wanted, Transport transport, int verdict)
            throws IOException {
        byte[] ip = wanted.getAddress().getAddress();
        boolean isMapped = !hook.isOfIpv4() && ip.length == 4;
        int field = hook.isOfIpv4() ? SocketAddress.IPV4.offset() : SocketAddress.IPV6.offset();
        int at = isMapped ? field + 12 : field;
        ByteBuffer left = machine.connect(verdict, context -> {
            if (isMapped) {
                context.put(field + 10, (byte) 0xff).put(field + 11, (byte) 0xff);
            }
            int port = wanted.getPort();
            context.put(SocketAddress.PORT.offset(), (byte) (port >> 8))
                    .put(SocketAddress.PORT.offset() + 1, (byte) port);
            return context.put(at, ip).putInt(SocketAddress.PROTOCOL.offset(), transport.number());
        });
        byte[] now = new byte[ip.length];
        left.get(at, now);
        int port =
                (left.get(SocketAddress.PORT.offset()) & 0xff) << 8 | left.get(SocketAddress.PORT.offset() + 1) & 0xff;
        return new InetSocketAddress(InetAddress.getByAddress(now), port);
    }
}
