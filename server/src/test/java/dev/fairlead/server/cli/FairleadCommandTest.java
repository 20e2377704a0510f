package dev.fairlead.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FairleadCommandTest {
    private static final String GOOD = """
            listeners: { web: { protocol: http, address: "127.0.0.1:0", upstream: app } }
            upstreams: { app: { endpoints: ["127.0.0.1:1"] } }
            """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void checkPassesAGoodFile() throws IOException {
        assertThat(execute("check", file(GOOD))).isZero();
        assertThat(out.toString()).endsWith("fairlead.yaml: ok\n");
    }

    @Test
    void checkPrintsEveryProblemWithItsPlace() throws IOException {
        assertThat(execute("check", file("lissteners: 1\nlops: 2\n"))).isEqualTo(1);
        assertThat(out.toString())
                .contains("fairlead.yaml:1:1: error:", "did you mean", "fairlead.yaml:2:1: error:", "\n    ^")
                .containsPattern("[2-9] errors, 0 warnings\n$");
    }

    @Test
    void checkPassesAFileWithAWarning() throws IOException {
        String unused = GOOD.replace("\"] } }", "\"] }, idle: { endpoints: [\"127.0.0.1:2\"] } }");

        assertThat(execute("check", file(unused))).isZero();
        assertThat(out.toString()).contains("warning:").endsWith("0 errors, 1 warning\n");
    }

    @Test
    void checkSpeaksJsonToMachines() throws IOException {
        assertThat(execute("check", file("lops: 2\n"), "--format", "json")).isEqualTo(1);
        assertThat(out.toString()).startsWith("[{").contains("\"line\":1", "\"severity\":\"error\"");
    }

    @Test
    void checkNamesAFileThatIsNotThere() {
        assertThat(execute("check", folder.resolve("nowhere.yaml").toString())).isEqualTo(1);
        assertThat(out.toString()).contains("there is no such file");
    }

    @Test
    void runRefusesABadFile() throws IOException {
        assertThat(execute("run", file("lops: 2\n"))).isEqualTo(1);
        assertThat(err.toString()).contains("fairlead.yaml:1:1: error:");
    }

    @Test
    void runNamesAnAddressThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            String text = GOOD.replace("127.0.0.1:0", address) + "admin: { address: \"127.0.0.1:0\" }\n";

            assertThat(execute("run", file(text))).isEqualTo(3);
            assertThat(err.toString()).startsWith("fairlead: ").contains(address);
        }
    }

    @Test
    void showSaysThatNobodyAnswers() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(execute("show", "--admin", "127.0.0.1:" + port)).isEqualTo(3);
        assertThat(err.toString()).contains("127.0.0.1:" + port);
    }

    @Test
    void namesAnUnknownCommand() {
        assertThat(execute("sing")).isEqualTo(2);
        assertThat(err.toString()).contains("sing");
    }

    private int execute(String... arguments) {
        return FairleadCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("fairlead.yaml"), text).toString();
    }
}
