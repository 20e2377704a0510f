package dev.fairlead.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// The checkout that the tests run in.
final class Repository {
    static final Path ROOT = root();

    private static final int LOWEST = 10_000;
    private static final int HIGHEST = 32_000;
    private static final Random RANDOM = new Random();
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Repository() {}

    private static Path root() {
        Path path = Path.of("").toAbsolutePath();
        while (path != null && !Files.exists(path.resolve("mvnw"))) {
            path = path.getParent();
        }
        if (path == null) {
            throw new IllegalStateException("not inside a checkout of Fairlead");
        }
        return path;
    }

    /// The rooms, as the parent POM lists them, without the sheds.
    static List<Path> rooms() {
        try (Stream<Path> children = Files.list(ROOT)) {
            return children.filter(child -> Files.exists(child.resolve("src/main/java/module-info.java")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A port that nobody has, and that this run has not given yet. Below those that Linux gives to whoever asks for
    /// any: else a backend, or the connection of a client, could have it before Fairlead does.
    static synchronized int freePort() {
        while (true) {
            int port = LOWEST + RANDOM.nextInt(HIGHEST - LOWEST);
            if (!GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException taken) {
                // By another program: the next one.
            }
        }
    }
}
