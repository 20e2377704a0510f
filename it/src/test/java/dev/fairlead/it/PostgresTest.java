package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// PostgreSQL behind a tcp listener, with its own clients.
class PostgresTest {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private static Path home;
    private static Path bin;
    private static Child server;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        assumeTrue(Files.isDirectory(VERSIONS), "SKIPPED: no PostgreSQL is installed");
        try (var versions = Files.list(VERSIONS)) {
            bin = versions.map(version -> version.resolve("bin"))
                    .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
                    .findFirst()
                    .orElse(null);
        }
        assumeTrue(bin != null, "SKIPPED: no PostgreSQL server is installed");
        home = Files.createTempDirectory("fairlead-postgres");
        if (isRoot()) {
            run("chown", "nobody", home.toString());
        }
        Path data = home.resolve("data");
        run(unprivileged(
                bin.resolve("initdb").toString(),
                "-D",
                data.toString(),
                "-U",
                "fairlead",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C"));
        int port = Repository.freePort();
        server = Child.start(
                home,
                List.of(unprivileged(
                        bin.resolve("postgres").toString(),
                        "-D",
                        data.toString(),
                        "-p",
                        "" + port,
                        "-h",
                        "127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "fsync=off")));
        await().until(() -> server.output().contains("ready to accept connections"));
        fairlead = Fairlead.start("""
                listeners:
                  db: {protocol: tcp, address: "127.0.0.1:%d", upstream: db}
                upstreams:
                  db: {endpoints: ["127.0.0.1:%d"]}
                """.formatted(Repository.freePort(), port));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (fairlead != null) {
            fairlead.close();
        }
        if (server != null) {
            server.signal("INT");
            server.await(Duration.ofSeconds(60));
            server.close();
            NginxBackend.delete(home);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /// PostgreSQL does not run as root.
    private static String[] unprivileged(String... command) {
        List<String> all = new ArrayList<>();
        if (isRoot()) {
            all.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Child.Result result = Child.run(home, command);
        assertThat(result.status()).as(() -> result.text() + result.errors()).isZero();
        return result.text();
    }

    private static String psql(String... sql) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("psql").toString(),
                "-h",
                "127.0.0.1",
                "-p",
                "" + fairlead.port("db"),
                "-U",
                "fairlead",
                "-d",
                "postgres",
                "-qAt"));
        for (String each : sql) {
            command.add("-c");
            command.add(each);
        }
        return run(command.toArray(String[]::new));
    }

    @Test
    void rowsGoInAndComeOutWhole() throws Exception {
        psql("create table t (id int, text text)");
        psql("insert into t select i, md5(i::text) from generate_series(1, 50000) i");

        Path rows = home.resolve("rows");
        psql("\\copy (select * from t order by id) to '" + rows + "'");
        psql("create table back (id int, text text)", "\\copy back from '" + rows + "'");

        assertThat(psql("select count(*) from (select * from t except select * from back) d"))
                .isEqualTo("0\n");
        assertThat(psql("select count(*), sum(length(text)) from back")).isEqualTo("50000|1600000\n");
    }

    @Test
    void manyClientsWithAConnectionForEachTransaction() throws Exception {
        String pgbench = bin.resolve("pgbench").toString();
        String port = "" + fairlead.port("db");
        run(pgbench, "-h", "127.0.0.1", "-p", port, "-U", "fairlead", "-i", "-q", "postgres");

        assertThat(run(
                        pgbench,
                        "-h",
                        "127.0.0.1",
                        "-p",
                        port,
                        "-U",
                        "fairlead",
                        "-C",
                        "-S",
                        "-c",
                        "8",
                        "-t",
                        "20",
                        "postgres"))
                .contains("number of transactions actually processed: 160/160");
    }
}
