package dev.fairlead.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// The way from a file that other systems write to a list of endpoints: every problem in one go, and nothing that
/// the file holds makes it throw. Its values are plain: environment variables belong to the config.
public final class EndpointsFile {
    private static final int BYTES_MAX = 16 << 20;

    private EndpointsFile() {}

    /// What tells one state of a file from another. `id` is another one when a file was moved over it.
    public record Stamp(long modifiedNanos, long size, String id) {
        /// There is no file, or none that can be looked at.
        public static final Stamp NONE = new Stamp(0, -1, "");
    }

    /// What reading gave: the list (null when there is a problem), and every problem.
    public record Reading(@Nullable List<EndpointSpec> endpoints, List<Problem> problems) {
        public Reading {
            problems = List.copyOf(problems);
        }
    }

    /// Waits for the disk.
    public static Stamp stamp(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            long nanos = now.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS);
            return new Stamp(nanos, now.size(), String.valueOf(now.fileKey()));
        } catch (IOException unseen) {
            // Reading it says why.
            return Stamp.NONE;
        }
    }

    /// Waits for the disk. `keepsPort`: whether flows to its endpoints keep the port that their clients asked for.
    public static Reading read(Path file, boolean keepsPort) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (NoSuchFileException e) {
            return failed(file, "there is no such file");
        } catch (IOException e) {
            return failed(file, "the file cannot be read: " + e.getClass().getSimpleName());
        }
        if (bytes.length > BYTES_MAX) {
            return failed(file, "larger than " + SizeText.write(BYTES_MAX) + ", which no list of endpoints is");
        }
        try {
            return read(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString(),
                    file.toString(),
                    keepsPort);
        } catch (CharacterCodingException e) {
            return failed(file, "the file is not in UTF-8");
        }
    }

    /// Reads a text; `fileName` is how problems call it.
    static Reading read(String text, String fileName, boolean keepsPort) {
        Problems problems = new Problems(fileName, text);
        if (text.isBlank()) {
            problems.error(1, 1, "", "the file is empty; a list without an endpoint is written `[]`");
            return new Reading(null, problems.list());
        }
        Node root = YamlText.parse(text, fileName, problems);
        List<EndpointSpec> endpoints = root == null ? List.of() : new Binder(problems, Map.of(), null).endpoints(root);
        if (root != null) {
            EndpointChecks.run(endpoints, keepsPort, root, problems);
        }
        return new Reading(problems.hasErrors() ? null : endpoints, problems.list());
    }

    private static Reading failed(Path file, String message) {
        Problems problems = new Problems(file.toString(), "");
        problems.error(1, 1, "", message);
        return new Reading(null, problems.list());
    }
}
