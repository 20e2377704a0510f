package dev.fairlead.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MainTest {
    private final StringWriter err = new StringWriter();
    private final PrintWriter errors = new PrintWriter(err, true);

    @Test
    void endsWithOneWhenAStartFailsAsNobodyExpects() {
        assertThat(Main.exitCode(
                        () -> {
                            throw new IllegalStateException("too many open files");
                        },
                        errors))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("fairlead: ended by").contains("too many open files", "MainTest");
    }

    @Test
    void endsWithOneAtAnError() {
        assertThat(Main.exitCode(
                        () -> {
                            throw new OutOfMemoryError("unable to create native thread");
                        },
                        errors))
                .isEqualTo(1);
        assertThat(err.toString()).contains("unable to create native thread");
    }

    @Test
    void endsWithThreeWhenAnAddressIsTaken() {
        assertThat(Main.exitCode(
                        () -> {
                            throw new IOException("taken");
                        },
                        errors))
                .isEqualTo(3);
        assertThat(err.toString()).isEqualTo("fairlead: taken\n");
    }

    @Test
    void takesTheShortWayForARunOfAFileOnly() {
        assertThat(Main.ofPlainRun(new String[] {"run", "a.yaml"})).isEqualTo(Path.of("a.yaml"));
        assertThat(Main.ofPlainRun(new String[] {"run", "--help"})).isNull();
        assertThat(Main.ofPlainRun(new String[] {"run"})).isNull();
        assertThat(Main.ofPlainRun(new String[] {"run", "no\0path"})).isNull();
    }
}
