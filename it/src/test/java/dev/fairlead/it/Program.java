package dev.fairlead.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How the built program is started: as the launcher `fairlead` does it, with the launcher's own file of options,
/// but without its look for newer sources, which would build inside a build.
final class Program {
    private static final Path SERVER = Repository.ROOT.resolve("server");

    private Program() {}

    static List<String> command(List<String> jvmOptions, String... arguments) {
        Path lib = SERVER.resolve("target/lib");
        if (!Files.isDirectory(lib)) {
            throw new IllegalStateException(lib + " is missing: the room `server` is packaged before these tests run");
        }
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + SERVER.resolve("src/main/launch/jvm.options"));
        command.add("--add-modules=io.netty.transport.epoll.linux." + architecture
                + ",io.netty.internal.tcnative.openssl.linux." + architecture
                + ",io.netty.codec.quic.linux." + architecture);
        command.addAll(jvmOptions);
        command.add("-p");
        command.add(lib + ":" + SERVER.resolve("target/classes"));
        command.add("-m");
        command.add("dev.fairlead.server/dev.fairlead.server.cli.Main");
        command.addAll(List.of(arguments));
        return command;
    }
}
