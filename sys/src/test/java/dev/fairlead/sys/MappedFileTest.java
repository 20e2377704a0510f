package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappedFileTest {
    @TempDir
    private Path folder;

    @Test
    void staysWhatItWasWhenItsNameIsAnothers() throws Exception {
        Path place = Files.writeString(folder.resolve("a"), "0123456789");
        var file = new MappedFile(FileChannel.open(place, StandardOpenOption.READ, StandardOpenOption.WRITE));
        Files.move(
                Files.writeString(folder.resolve("b"), "abc"),
                place,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.delete(place);
        byte[] read = new byte[4];
        ByteBuffer view = file.view(3, 7);
        view.duplicate().get(read);
        assertThat(read).asString().isEqualTo("3456");
        ByteBuffer fromChannel = ByteBuffer.allocate(10);
        assertThat(file.channel().read(fromChannel, 0)).isEqualTo(10);
        file.close();
        assertThat(file.channel().isOpen()).isFalse();
        assertThatThrownBy(() -> view.get(0)).isInstanceOf(IllegalStateException.class);
    }
}
