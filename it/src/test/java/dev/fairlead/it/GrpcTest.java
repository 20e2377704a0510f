package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The interop test of grpc-java, its client and its server each a program of its own, with Fairlead between them.
@Timeout(180)
class GrpcTest {
    private static final Path LIB = Repository.ROOT.resolve("it/grpc/target/lib");
    private static final int SERVER = Repository.freePort();
    private static final int FRONT = Repository.freePort();

    /// Of one test alone: it is about what comes back, and this machine may be busy.
    private static final String[] SOAK = {
        "--soak_iterations=200",
        "--soak_per_iteration_max_acceptable_latency_ms=30000",
        "--soak_overall_timeout_seconds=50"
    };

    @TempDir
    private static Path folder;

    private static Child server;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Files.isDirectory(LIB), LIB + " is missing: ./mvnw -f it/grpc/pom.xml dependency:copy-dependencies");
        server = Child.start(folder, program("Server", "--port=" + SERVER, "--use_tls=false"));
        Awaitility.await().until(GrpcTest::isListening);
        fairlead = Fairlead.start("""
                listeners:
                  calls: {protocol: http, address: "127.0.0.1:%d", upstream: calls}
                upstreams:
                  calls:
                    endpoints: ["127.0.0.1:%d", "127.0.0.2:%2$d"]
                    http2: {}
                    outliers: {faults: 2, ejected-max: 50, ejection-time: 1m}
                """.formatted(FRONT, SERVER));
    }

    private static boolean isListening() {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), SERVER)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static List<String> program(String which, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                LIB + "/*",
                "io.grpc.testing.integration.TestService" + which));
        command.addAll(List.of(arguments));
        return command;
    }

    @AfterAll
    static void stop() throws Exception {
        if (fairlead != null) {
            fairlead.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static Child.Result client(String test, String... more) throws Exception {
        List<String> command = program(
                "Client",
                "--server_host=127.0.0.1",
                "--server_port=" + FRONT,
                "--use_tls=false",
                "--test_case=" + test);
        command.addAll(List.of(more));
        return Child.run(folder, command.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "empty_unary",
                "large_unary",
                "client_streaming",
                "server_streaming",
                "ping_pong",
                "empty_stream",
                "cancel_after_begin",
                "cancel_after_first_response",
                "timeout_on_sleeping_server",
                "custom_metadata",
                "special_status_message",
                "unimplemented_method",
                "unimplemented_service",
                "very_large_request",
                "rpc_soak"
            })
    void passesTheInteropTest(String test) throws Exception {
        Child.Result result = client(test, SOAK);

        assertThat(result.status()).as(result.text() + result.errors()).isZero();
    }

    /// Each run has two calls that end with UNKNOWN, which tells against an endpoint: two in a row eject it.
    @Test
    void ejectsAnEndpointForWhatItsTrailersSay() throws Exception {
        for (int i = 0; i < 2; i++) {
            Child.Result result = client("status_code_and_message");
            assertThat(result.status()).as(result.text() + result.errors()).isZero();
        }

        assertThat(fairlead.metric("fairlead_grpc_calls_total", "status=\"unknown\""))
                .isEqualTo(4);
        Awaitility.await().until(() -> fairlead.metric("fairlead_endpoint_ejected") == 1);
    }
}
