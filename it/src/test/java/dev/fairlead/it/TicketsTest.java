package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Session tickets of two processes, which openssl carries from one to the other.
@Timeout(120)
class TicketsTest {
    @TempDir
    private static Path folder;

    private static Fairlead node(Certificate own, String tickets) throws Exception {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", routes: [{respond: {status: 200}}], tls: {certificates: [{certificate: %s, key: %s}], tickets: %s}}
                """.formatted(Repository.freePort(), own.file(), own.key(), tickets));
    }

    private static String connect(Fairlead node, String session) throws Exception {
        Child.Result result = Child.run(
                folder, ("openssl s_client -tls1_2 -connect 127.0.0.1:" + node.port("web") + " " + session).split(" "));
        return result.text() + result.errors();
    }

    @Test
    void aNodeTakesTheTicketsOfThoseThatHaveTheSameFile() throws Exception {
        Certificate own = Certificate.of(folder, "one.example");
        Path secrets = Files.writeString(folder.resolve("tickets"), "3c".repeat(32));
        String shared = "{keys-file: " + secrets + "}";
        try (Fairlead first = node(own, shared);
                Fairlead second = node(own, shared);
                Fairlead stranger = node(own, "{}")) {
            assertThat(connect(first, "-sess_out session")).contains("New, TLSv1.2");

            assertThat(connect(second, "-sess_in session")).contains("Reused, TLSv1.2");
            assertThat(connect(stranger, "-sess_in session")).contains("New, TLSv1.2");
        }
    }
}
