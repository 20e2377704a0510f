package dev.fairlead.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/// A file that the config names, with what was in it when the config was read: so a reload follows a changed file,
/// and no loop ever waits for a disk. Do not write to `bytes`.
public record FileContent(String path, byte[] bytes) {
    /// Larger ones are for a server of files.
    static final int BYTES_MAX = 1 << 20;

    static FileContent read(String path) throws Malformed {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new Malformed("the file `" + path + "` is larger than " + SizeText.write(BYTES_MAX));
            }
            return new FileContent(path, bytes);
        } catch (NoSuchFileException e) {
            throw new Malformed("there is no file `" + path + "`");
        } catch (IOException | InvalidPathException e) {
            throw new Malformed("the file `" + path + "` cannot be read");
        }
    }

    /// The `Content-Type` of what its name says it is.
    public String contentType() {
        return switch (path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)) {
            case "html", "htm" -> "text/html; charset=utf-8";
            case "txt" -> "text/plain; charset=utf-8";
            case "json" -> "application/json";
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "xml" -> "application/xml";
            case "svg" -> "image/svg+xml";
            case "png" -> "image/png";
            case "jpg", "jpeg" -> "image/jpeg";
            case "gif" -> "image/gif";
            case "ico" -> "image/x-icon";
            case "webp" -> "image/webp";
            case "woff2" -> "font/woff2";
            default -> "application/octet-stream";
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileContent(String itsPath, byte[] itsBytes)
                && path.equals(itsPath)
                && Arrays.equals(bytes, itsBytes);
    }

    @Override
    public int hashCode() {
        return path.hashCode() * 31 + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return path;
    }
}
