package dev.fairlead.kernel;

import dev.fairlead.sys.Device;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The interfaces whose packets are looked at.
public final class Interfaces {
    /// One of them: its number inside Linux, its name, and its hardware address.
    public record Interface(int index, String name, long mac) {}

    private static final Path SETTINGS = Path.of("/proc/sys/net");

    private Interfaces() {}

    /// Those of the config; when it names none, all Ethernet interfaces that are up.
    public static List<Interface> of(List<String> names) throws IOException {
        List<Interface> found = new ArrayList<>();
        for (String name : names) {
            Device each = Device.named(name);
            if (each == null) {
                throw new IOException("there is no network interface " + name + ", which `kernel` names");
            }
            found.add(new Interface(each.index(), name, each.mac()));
        }
        if (names.isEmpty()) {
            for (Device each : Device.all()) {
                if (each.isUp() && each.mac() != 0) {
                    found.add(new Interface(each.index(), each.name(), each.mac()));
                }
            }
        }
        if (found.isEmpty()) {
            throw new IOException("no Ethernet interface is up");
        }
        return List.copyOf(found);
    }

    /// The same, where what comes in has to be in Ethernet's frames: no loopback, no tunnel of IP.
    public static List<Interface> ofEthernet(List<String> names) throws IOException {
        List<Interface> all = of(names);
        for (Interface each : all) {
            if (each.mac == 0) {
                throw new IOException(each.name + ", which `kernel` names, is not an Ethernet interface");
            }
        }
        return all;
    }

    /// This host's own addresses at this moment.
    static Set<InetAddress> addresses() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .collect(Collectors.toSet());
    }

    /// Whether connections may begin at this address, as a socket is asked: routes and settings may let more than
    /// [#addresses].
    static boolean isSource(InetAddress address) {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 0))) {
            return socket.isBound();
        } catch (SocketException notHere) {
            return false;
        }
    }

    /// What keeps Linux from routing what comes in on one of them; null when nothing does.
    public static @Nullable String noForwarding(List<Interface> all, Family family) {
        String version = family == Family.IPV4 ? "ipv4" : "ipv6";
        for (Interface each : all) {
            Path setting =
                    SETTINGS.resolve(version).resolve("conf").resolve(each.name).resolve("forwarding");
            try {
                if (!isSet(setting)) {
                    return "Linux does not route what comes in on " + each.name + ": `sysctl net." + version
                            + (family == Family.IPV4 ? ".ip_forward=1`" : ".conf.all.forwarding=1`");
                }
            } catch (IOException unreadable) {
                return "Linux does not tell whether it routes: " + unreadable.getMessage();
            }
        }
        return null;
    }

    /// The same where the packets go through all of Linux: that routes IPv6 for all interfaces or for none, but for
    /// those that are forced to it (Linux 6.17).
    public static @Nullable String noForwardingByHost(List<Interface> all, Family family) throws IOException {
        if (family == Family.IPV4) {
            return noForwarding(all, family);
        }
        Path settings = SETTINGS.resolve("ipv6").resolve("conf");
        boolean isForced = true;
        for (Interface each : all) {
            isForced &= isThereAndSet(settings.resolve(each.name).resolve("force_forwarding"));
        }
        return isForced || isThereAndSet(settings.resolve("all").resolve("forwarding"))
                ? null
                : "Linux does not route IPv6: `sysctl net.ipv6.conf.all.forwarding=1`";
    }

    private static boolean isThereAndSet(Path setting) throws IOException {
        return Files.exists(setting) && isSet(setting);
    }

    /// Asked for each of a thousand listeners that start.
    private static boolean isSet(Path setting) throws IOException {
        try (InputStream text = Files.newInputStream(setting)) {
            return text.read() == '1';
        }
    }
}
