package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// curl with its cookie jar comes back to its server.
class StickyTest {
    private final int web = Repository.freePort();
    private NginxBackend one;
    private NginxBackend two;

    @TempDir
    private Path home;

    @BeforeEach
    void start() throws IOException {
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    private String yaml(String sticky, String more) {
        return """
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s", "%s"], sticky: {%s}%s}
                """.formatted(web, one.address(), two.address(), sticky, more);
    }

    private String ask(int times) throws IOException, InterruptedException {
        String jar = home.resolve("jar").toString();
        String url = "http://127.0.0.1:" + web + "/name?[1-" + times + "]";
        Child.Result result = Curl.run("-b", jar, "-c", jar, url);
        assertThat(result.status()).as(result.errors()).isZero();
        return result.text().replaceAll("\\s", "");
    }

    @Test
    void sticksOverReloadsAndRotationAndIsRewrittenWhenTheServerIsGone() throws Exception {
        Path keys = home.resolve("keys");
        Files.writeString(keys, "1".repeat(64) + "\n");
        String sticky = "cookie: at, keys-file: " + keys;
        try (Fairlead fairlead = Fairlead.start(yaml(sticky, ""))) {
            String first = ask(1);
            assertThat(ask(100)).isEqualTo(first.repeat(100));
            String cookie = Files.readString(home.resolve("jar"));

            Files.writeString(keys, "2".repeat(64) + "\n" + "1".repeat(64) + "\n");
            fairlead.reload(yaml(sticky, ", attempts: 2"), "done");
            assertThat(ask(20)).isEqualTo(first.repeat(20));
            assertThat(Files.readString(home.resolve("jar"))).isNotEqualTo(cookie);

            (first.equals("one") ? one : two).stop();
            String other = first.equals("one") ? "two" : "one";
            assertThat(ask(20)).isEqualTo(other.repeat(20));
            (first.equals("one") ? one : two).start();
            assertThat(ask(20)).isEqualTo(other.repeat(20));

            Files.writeString(keys, "short");
            fairlead.reload(yaml(sticky, ""), "failed");
            assertThat(ask(20)).isEqualTo(other.repeat(20));
        }
    }
}
