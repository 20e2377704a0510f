package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A network that loses one packet in twenty, between a client in a namespace of its own and Fairlead. Needs root.
@Tag("root")
class LossTest {
    private static final byte[] CONTENT =
            "what a lossy network brings\n".repeat(100_000).getBytes(ISO_8859_1);

    private final long pid = ProcessHandle.current().pid();
    private final String namespace = "fairlead-" + pid;
    private final String link = "fl" + pid;
    private final String net = "10." + (200 + pid % 50) + "." + pid / 50 % 250;
    private NginxBackend nginx;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "SKIPPED: only root can make a network namespace that loses packets");
        run("ip", "netns", "add", namespace);
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        run("ip", "addr", "add", net + ".1/24", "dev", link);
        run("ip", "link", "set", link, "up");
        inside("ip", "addr", "add", net + ".2/24", "dev", "eth0");
        inside("ip", "link", "set", "eth0", "up");
        inside("nft", "add", "table", "inet", "loss");
        for (String way : new String[] {"input", "output"}) {
            inside("nft", "add", "chain", "inet", "loss", way, "{ type filter hook " + way + " priority 0; }");
            inside("nft", "add", "rule", "inet", "loss", way, "numgen random mod 100 < 5 drop");
        }
        nginx = NginxBackend.start("one");
        Files.write(nginx.file("content"), CONTENT);
        fairlead = Fairlead.start("""
                listeners:
                  raw: {protocol: tcp, address: "%s.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(net, Repository.freePort(), nginx.address()));
    }

    @AfterEach
    void stop() throws Exception {
        try {
            if (fairlead != null) {
                fairlead.close();
            }
        } finally {
            if (nginx != null) {
                nginx.close();
            }
            // The link goes with it.
            NetworkLab.attempt("ip", "netns", "del", namespace);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Child.Result result = NetworkLab.attempt(command);
        assertThat(result.status()).as(result::errors).isZero();
    }

    private void inside(String... command) throws IOException, InterruptedException {
        run(prefixed(command));
    }

    private String[] prefixed(String... command) {
        String[] all = new String[command.length + 4];
        System.arraycopy(new String[] {"ip", "netns", "exec", namespace}, 0, all, 0, 4);
        System.arraycopy(command, 0, all, 4, command.length);
        return all;
    }

    @Test
    void losesNoByteWithThePackets() throws Exception {
        for (int i = 0; i < 3; i++) {
            Child.Result result = Child.run(
                    Path.of("/"), prefixed("curl", "-sS", "http://" + net + ".1:" + fairlead.port("raw") + "/content"));

            assertThat(result.status()).as(result.errors()).isZero();
            assertThat(result.output()).isEqualTo(CONTENT);
        }
    }
}
