package dev.fairlead.http.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Random;

/// Makes messages that are nearly right out of a corpus. The same seed makes the same messages.
final class Mutations {
    private static final String[] PIECES = {
        "\r",
        "\n",
        "\r\n",
        "\r\n\r\n",
        " ",
        "\t",
        "\0",
        "\13",
        ":",
        ",",
        ";",
        "\"",
        "0",
        "1",
        "-1",
        "\177",
        "\377",
        "chunked",
        ", chunked",
        "identity",
        "gzip, chunked",
        "Host: b\r\n",
        "Content-Length: 5\r\n",
        "content-length: 0\r\n",
        "Transfer-Encoding: chunked\r\n",
        "transfer-encoding: x, Chunked\r\n",
        "Connection: close\r\n",
        "Connection: X, host, content-length, transfer-encoding\r\n",
        "X: y\r\n",
        "X : y\r\n",
        " folded\r\n",
        "Expect: 100-continue\r\n",
        "TE: trailers\r\n",
        "Upgrade: h2c\r\n",
        "HTTP/1.1",
        "HTTP/1.0",
        "0\r\n\r\n",
        "5\r\nhello\r\n",
        "3;x\r\n",
        "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "http://a",
        "/../",
        "%2e",
        "?",
        "*"
    };

    private final List<String> corpus;
    private final Random random;

    Mutations(List<String> corpus, long seed) {
        this.corpus = corpus;
        this.random = new Random(seed);
    }

    /// The lines of a file of the corpus, unescaped.
    static List<String> corpus(String name) throws IOException {
        try (InputStream in = Mutations.class.getResourceAsStream("/corpus/" + name)) {
            return new String(in.readAllBytes(), ISO_8859_1)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(String::translateEscapes)
                    .toList();
        }
    }

    String next() {
        var text = new StringBuilder(corpus.get(random.nextInt(corpus.size())));
        for (int left = random.nextInt(4); left > 0; left--) {
            mutate(text);
        }
        return text.toString();
    }

    private void mutate(StringBuilder text) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + 1 + random.nextInt(8));
        String piece = PIECES[random.nextInt(PIECES.length)];
        switch (random.nextInt(7)) {
            case 0 -> text.insert(at, piece);
            case 1 -> text.insert(lineStart(text, at), piece);
            case 2 -> text.replace(at, end, piece);
            case 3 -> text.delete(at, end);
            case 4 -> text.insert(at, text.substring(at, end));
            case 5 -> {
                if (at < text.length()) {
                    text.setCharAt(at, (char) random.nextInt(256));
                }
            }
            default -> {
                String other = corpus.get(random.nextInt(corpus.size()));
                int from = random.nextInt(other.length());
                text.replace(at, text.length(), other.substring(from));
            }
        }
    }

    private static int lineStart(StringBuilder text, int at) {
        int line = text.indexOf("\r\n", at);
        return line < 0 ? at : line + 2;
    }
}
