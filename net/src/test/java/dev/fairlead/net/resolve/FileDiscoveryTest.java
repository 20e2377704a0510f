package dev.fairlead.net.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.net.resolve.Discovery.Answer;
import dev.fairlead.net.resolve.Discovery.Failed;
import dev.fairlead.net.resolve.Discovery.Found;
import dev.fairlead.net.resolve.Discovery.Unchanged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real file, looked at once for each question.
class FileDiscoveryTest {
    @TempDir
    private Path home;

    private Path file;
    private Discovery discovery;

    @BeforeEach
    void start() {
        file = home.resolve("app.yaml");
        discovery = new FileDiscovery(file, false, Runnable::run);
    }

    private Answer look() {
        return discovery.ask().toCompletableFuture().join();
    }

    private static List<String> endpoints(Answer answer) {
        return ((Found) answer)
                .endpoints().stream().map(each -> each.address().toString()).toList();
    }

    @Test
    void readsWhatIsThereAtTheFirstLook() throws IOException {
        Files.writeString(file, "[127.0.0.1:80, app.example:81]");

        assertThat(endpoints(look())).containsExactly("127.0.0.1:80", "app.example:81");
        assertThat(look()).isInstanceOf(Unchanged.class);
    }

    @Test
    void takesAFileMovedOverIt() throws IOException {
        Files.writeString(file, "[127.0.0.1:80]");
        look();
        Path next = Files.writeString(home.resolve("next"), "[127.0.0.2:80]");
        Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);

        assertThat(look()).as("it may still be written").isInstanceOf(Unchanged.class);
        assertThat(endpoints(look())).containsExactly("127.0.0.2:80");
    }

    @Test
    void readsNoFileThatIsStillWritten() throws IOException {
        Files.writeString(file, "- 127.0.0.1:80\n");
        look();
        Files.writeString(file, "- 127.0.0.2:80\n");
        assertThat(look()).isInstanceOf(Unchanged.class);
        Files.writeString(file, "- 127.0.0.3:80\n", StandardOpenOption.APPEND);
        assertThat(look()).as("it has grown since the last look").isInstanceOf(Unchanged.class);

        assertThat(endpoints(look())).containsExactly("127.0.0.2:80", "127.0.0.3:80");
    }

    @Test
    void tellsAProblemOnceAndWithItsLine() throws IOException {
        Files.writeString(file, "- 127.0.0.1:80\n- 127.0.0.2\n");

        assertThat(((Failed) look()).reason())
                .isEqualTo(file + ":2:3: error: `127.0.0.2` has no port; write `127.0.0.2:8080`");
        assertThat(look()).isInstanceOf(Unchanged.class);
    }

    @Test
    void waitsForAFileThatIsNotThereYet() throws IOException {
        assertThat(((Failed) look()).reason()).endsWith("there is no such file");
        assertThat(look()).isInstanceOf(Unchanged.class);
        Files.writeString(file, "[127.0.0.1:80]");
        look();

        assertThat(endpoints(look())).containsExactly("127.0.0.1:80");
    }
}
