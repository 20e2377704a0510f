package dev.fairlead.net.resolve;

import dev.fairlead.config.Address;
import dev.fairlead.config.ResolverSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/// Which DNS servers are asked: the config's, or those of `/etc/resolv.conf`.
final class NameServers {
    private static final int PORT = 53;

    private NameServers() {}

    static List<InetSocketAddress> of(ResolverSpec spec, String resolvConf) {
        return spec.servers().isEmpty()
                ? parse(resolvConf)
                : spec.servers().stream().map(Address::socketAddress).toList();
    }

    /// The `nameserver` lines (resolv.conf(5)); what is no address is passed over, as the C library does.
    private static List<InetSocketAddress> parse(String text) {
        List<InetSocketAddress> servers = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Scanner words = new Scanner(line);
            if (words.hasNext("nameserver")) {
                words.next();
                if (words.hasNext()) {
                    add(words.next(), servers);
                }
            }
        }
        return servers;
    }

    private static void add(String address, List<InetSocketAddress> servers) {
        try {
            servers.add(new InetSocketAddress(InetAddress.ofLiteral(address), PORT));
        } catch (IllegalArgumentException noAddress) {
            // Passed over.
        }
    }
}
