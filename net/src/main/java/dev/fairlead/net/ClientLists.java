package dev.fairlead.net;

import dev.fairlead.config.Cidr;
import java.net.InetAddress;
import java.util.List;

/// Who may come to a listener: those whom `allow` names, or all where it names nobody; but none whom `deny` names.
/// Immutable; any thread.
public final class ClientLists {
    private final CidrSet allow;
    private final CidrSet deny;

    public ClientLists(List<Cidr> allow, List<Cidr> deny) {
        this.allow = CidrSet.of(allow);
        this.deny = CidrSet.of(deny);
    }

    public boolean admit(InetAddress client) {
        return !deny.contains(client) && (allow.isEmpty() || allow.contains(client));
    }
}
