package dev.fairlead.kernel;

import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The interfaces whose packets are looked at.
public final class Interfaces {
    /// One of them: its number inside Linux, and its name.
    public record Interface(int index, String name) {}

    private static final Path SETTINGS = Path.of("/proc/sys/net");
    private static final int MAC_BYTES = 6;

    private Interfaces() {}

    /// Those of the config; when it names none, all Ethernet interfaces that are up.
    public static List<Interface> of(List<String> names) throws IOException {
        List<Interface> found = new ArrayList<>();
        for (String name : names) {
            NetworkInterface each = NetworkInterface.getByName(name);
            if (each == null) {
                throw new IOException("there is no network interface " + name + " (`kernel: {interfaces: ...}`)");
            }
            found.add(new Interface(each.getIndex(), name));
        }
        if (names.isEmpty()) {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                byte[] mac = each.getHardwareAddress();
                if (each.isUp() && !each.isLoopback() && mac != null && mac.length == MAC_BYTES) {
                    found.add(new Interface(each.getIndex(), each.getName()));
                }
            }
        }
        if (found.isEmpty()) {
            throw new IOException("no Ethernet interface is up");
        }
        return List.copyOf(found);
    }

    /// What keeps Linux from routing what comes in on one of them; null when nothing does.
    public static @Nullable String noForwarding(List<Interface> all, Family family) {
        String version = family == Family.IPV4 ? "ipv4" : "ipv6";
        for (Interface each : all) {
            Path setting =
                    SETTINGS.resolve(version).resolve("conf").resolve(each.name).resolve("forwarding");
            try {
                if (!Files.readAllLines(setting).getFirst().equals("1")) {
                    return "Linux does not route what comes in on " + each.name + ": `sysctl net." + version
                            + (family == Family.IPV4 ? ".ip_forward=1`" : ".conf.all.forwarding=1`");
                }
            } catch (IOException unreadable) {
                return "Linux does not tell whether it routes: " + unreadable.getMessage();
            }
        }
        return null;
    }
}
