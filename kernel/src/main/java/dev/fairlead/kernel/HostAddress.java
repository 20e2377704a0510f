package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.SocketAddress;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import java.util.function.Consumer;

/// The address that a process and one of its sockets talk of, where it stands in what Linux hands to a program.
final class HostAddress {
    /// RFC 4291 §2.5.5.2: an address of IPv4 in a socket of IPv6 has this before its last 4 bytes.
    private static final long MAPPED = 0xffff;

    private HostAddress() {}

    /// Writes what is done where the address is one of this version of IP.
    static void of(Code code, Hook hook, Family family, Consumer<Place> then) {
        Pointer wanted = code.context();
        if (hook.isOfIpv4()) {
            if (family == Family.IPV4) {
                then.accept(wanted.at(SocketAddress.IPV4));
            }
            return;
        }
        int at = SocketAddress.IPV6.offset();
        Place isMapped = code.number("mapped");
        code.set(isMapped, wanted.at(at, 4).or(wanted.at(at + 4, 4)));
        code.set(isMapped, isMapped.or(wanted.at(at + 8, 4).turned32().xor(Value.of(MAPPED))));
        if (family == Family.IPV4) {
            code.when(isMapped.is(0), () -> then.accept(wanted.at(at + 12, 4)));
        } else {
            code.when(isMapped.isNot(0), () -> then.accept(wanted.at(SocketAddress.IPV6)));
        }
    }
}
