package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Linux carries for a process that is nobody, with two rights, as systemd's AmbientCapabilities give them. Its
/// directory is in a BPF file system that anybody may enter and only root may write in, as the one of systemd behind
/// `chmod 711`. Needs root.
class KernelNobodyTest extends KernelTest {
    private Path mount;

    @BeforeEach
    void mount() throws Exception {
        mount = Files.createTempDirectory("bpf");
        NetworkLab.run("mount", "-t", "bpf", "-o", "mode=0711", "bpf", mount.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        if (mount != null) {
            // What is pinned there goes with it.
            NetworkLab.run("umount", "--lazy", mount.toString());
            Files.delete(mount);
        }
    }

    @Override
    String shared(String more) {
        return super.shared(more).replace(lab.pins(), mount.resolve("mine").toString());
    }

    private Fairlead startAsNobody() throws IOException {
        return Fairlead.startWith(nobodyWith("+net_admin,+bpf"), yaml("", "", "", 1, 2));
    }

    @Test
    void aConnectionGoesOnOverACrashAndARestart() throws Exception {
        Path mine = mount.resolve("mine");
        NetworkLab.run("install", "-d", "-m", "700", "-o", "nobody", mine.toString());
        fairlead = startAsNobody();
        Socket held = connect();
        server(held);

        fairlead.kill();
        echo(held, "nobody is here");
        fairlead = startAsNobody();

        assertThat(fairlead.log())
                .contains("an earlier Fairlead has left its flows in the kernel")
                .doesNotContain("ends with this process");
        echo(held, "still here");
        await(() -> active() == 1);
        held.close();
        await(() -> active() == 0);
        fairlead.signal("TERM");
        fairlead.awaitExit(java.time.Duration.ofMillis(WAIT_MILLIS));
        assertThat(fairlead.log()).doesNotContain("something is left");
        assertThat(mine).as("root has made it").isEmptyDirectory();
    }

    @Test
    void whereNothingCanBePinnedTheLogSaysWhy() throws Exception {
        fairlead = startAsNobody();
        Socket held = connect();
        server(held);
        echo(held, "it carries all the same");

        assertThat(fairlead.log())
                .contains("what the kernel carries ends with this process")
                .contains("this process may not make " + mount.resolve("mine") + " (Permission denied)");
    }
}
