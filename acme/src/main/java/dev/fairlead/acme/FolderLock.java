package dev.fairlead.acme;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One try for a lock that is a file in a folder, which may be that of another machine.
///
/// Each holder makes a file with the next number, `NAME.7`, which only one can (`O_EXCL`), and then takes the older
/// ones away, the oldest first. So who is late, and makes a file that another has made and taken away already, finds
/// the one before it gone, and has lost. The file says until when it is held; who lets go of it says: until 1970.
final class FolderLock {
    private final Path folder;
    private final String name;
    private final Duration time;
    private final InstantSource clock;
    private final String owner = UUID.randomUUID().toString();

    FolderLock(Path folder, String name, Duration time, InstantSource clock) {
        this.folder = folder;
        this.name = name;
        this.time = time;
        this.clock = clock;
    }

    /// Null: another has it.
    @Nullable
    Lease tryLock() throws IOException {
        List<Long> before = numbers();
        long last = before.isEmpty() ? 0 : before.getLast();
        if (last > 0 && isHeld(last)) {
            return null;
        }
        long mine = last + 1;
        try {
            Files.writeString(file(mine), text(clock.instant().plus(time)), StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException another) {
            return null;
        }
        boolean isLate = last > 0 && !Files.exists(file(last)) || numbers().getLast() != mine;
        if (isLate) {
            Files.deleteIfExists(file(mine));
            return null;
        }
        for (long old : before) {
            Files.deleteIfExists(file(old));
        }
        return new Held(mine);
    }

    private Path file(long number) {
        return folder.resolve(name + "." + number);
    }

    private String text(Instant until) {
        return until.toEpochMilli() + " " + owner + "\n";
    }

    /// In their order.
    private List<Long> numbers() throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String each = file.getFileName().toString();
                if (each.startsWith(name + ".")) {
                    String number = each.substring(name.length() + 1);
                    if (number.matches("[0-9]{1,18}")) {
                        numbers.add(Long.valueOf(number));
                    }
                }
            }
        }
        numbers.sort(null);
        return numbers;
    }

    private boolean isHeld(long number) throws IOException {
        try {
            String[] said =
                    Files.readString(file(number), StandardCharsets.UTF_8).split(" ", 2);
            // Its maker may not have come to write: it is then as good as said.
            Instant until = said.length == 2
                    ? Instant.ofEpochMilli(Long.parseLong(said[0]))
                    : Files.getLastModifiedTime(file(number)).toInstant().plus(time);
            return clock.instant().isBefore(until);
        } catch (NoSuchFileException gone) {
            return true;
        } catch (NumberFormatException broken) {
            return false;
        }
    }

    private final class Held implements Lease {
        private final long number;
        private Instant until = clock.instant().plus(time);

        Held(long number) {
            this.number = number;
        }

        @Override
        public boolean renew() throws IOException {
            if (!isMine()) {
                return false;
            }
            until = clock.instant().plus(time);
            say(until);
            return true;
        }

        @Override
        public void close() throws IOException {
            if (isMine()) {
                say(Instant.EPOCH);
            }
        }

        private boolean isMine() throws IOException {
            List<Long> numbers = numbers();
            return clock.instant().isBefore(until) && !numbers.isEmpty() && numbers.getLast() == number;
        }

        /// In place, and never as a new file: who reads it while it is empty believes its age.
        private void say(Instant end) throws IOException {
            Files.writeString(file(number), text(end), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        }
    }
}
