package dev.fairlead.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// The way from a file to a [Config]: every problem is found in one go, and nothing that the file holds makes it
/// throw.
public final class ConfigFile {
    /// Some 150,000 upstreams fit; a log or an image given by mistake does not fill the memory.
    static final int BYTES_MAX = 16 << 20;

    private ConfigFile() {}

    /// What reading gave: a config (null when there is an error), every problem in the order of the file, and where
    /// things stand in it.
    public record Reading(@Nullable Config config, List<Problem> problems, Places places) {
        public Reading {
            problems = List.copyOf(problems);
        }

        public boolean hasErrors() {
            return config == null;
        }
    }

    /// Reads a file; `environment` is what `${NAME}` refers to, commonly `System.getenv()`.
    public static Reading read(Path file, Map<String, String> environment) {
        String name = file.toString();
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (NoSuchFileException e) {
            return failed(name, "there is no such file");
        } catch (IOException e) {
            String reason = Files.isDirectory(file)
                    ? "it is a directory"
                    : "the file cannot be read: " + e.getClass().getSimpleName();
            return failed(name, reason);
        }
        if (bytes.length > BYTES_MAX) {
            return failed(name, tooLarge());
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            int column = text.codePointCount(text.lastIndexOf('\n') + 1, text.length()) + 1;
            Problems problems = new Problems(name, text);
            problems.error(
                    1 + (int) text.chars().filter(c -> c == '\n').count(), column, "", "the file is not in UTF-8 here");
            return new Reading(null, problems.list(), new Places(name, "", null));
        }
        return read(text, name, environment, file.toAbsolutePath().getParent());
    }

    /// Reads a text; `fileName` is how problems call it.
    public static Reading read(String text, String fileName, Map<String, String> environment) {
        return read(text, fileName, environment, null);
    }

    private static Reading read(String text, String fileName, Map<String, String> environment, @Nullable Path folder) {
        if (text.length() > BYTES_MAX) {
            return failed(fileName, tooLarge());
        }
        String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
        Problems problems = new Problems(fileName, plain);
        Node root = YamlText.parse(plain, fileName, problems);
        if (root == null) {
            return new Reading(null, problems.list(), new Places(fileName, plain, null));
        }
        Config config = new Binder(problems, environment, folder).config(root);
        if (config != null) {
            config = FlowDefaults.in(config, root);
            new Checks(config, root, problems).run();
        }
        return new Reading(problems.hasErrors() ? null : config, problems.list(), new Places(fileName, plain, root));
    }

    private static String tooLarge() {
        return "larger than " + SizeText.write(BYTES_MAX) + ", which no config is";
    }

    private static Reading failed(String fileName, String message) {
        Problems problems = new Problems(fileName, "");
        problems.error(1, 1, "", message);
        return new Reading(null, problems.list(), new Places(fileName, "", null));
    }
}
