package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// One line of `malformed.txt`: see the head of that file.
record MalformedCase(String name, OptionalInt before, List<Integer> statuses, boolean keeps, byte[] bytes) {
    static List<MalformedCase> all() throws IOException {
        try (InputStream in = MalformedCase.class.getResourceAsStream("/malformed.txt")) {
            return new String(in.readAllBytes(), ISO_8859_1)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(MalformedCase::parse)
                    .toList();
        }
    }

    private static MalformedCase parse(String line) {
        // The bytes may begin with a blank and hold any character: only the first one after the bar is a separator.
        String[] parts = line.split(" \\| ", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a case: " + line);
        }
        String[] status = parts[1].split(" ", 2);
        String[] answers = status[0].split("\\+", 2);
        List<Integer> last = Stream.of(answers[answers.length - 1].split(","))
                .map(Integer::valueOf)
                .toList();
        OptionalInt before = answers.length == 2 ? OptionalInt.of(Integer.parseInt(answers[0])) : OptionalInt.empty();
        boolean keeps = status.length == 2 && status[1].equals("keep");
        return new MalformedCase(parts[0], before, last, keeps, bytes(parts[2]));
    }

    boolean isSound() {
        return statuses.contains(200);
    }

    private static byte[] bytes(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '\\') {
                i = escape(text, i + 1, out);
            } else if (c == '{' && text.indexOf('*', i) > 0) {
                i = repeat(text, i, out);
            } else {
                out.write(c);
                i++;
            }
        }
        return out.toByteArray();
    }

    private static int escape(String text, int i, ByteArrayOutputStream out) {
        char c = text.charAt(i);
        switch (c) {
            case 'r' -> out.write('\r');
            case 'n' -> out.write('\n');
            case 't' -> out.write('\t');
            case '0' -> out.write(0);
            case '\\' -> out.write('\\');
            case 'x' -> out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
            default -> throw new IllegalArgumentException("no escape \\" + c + " in " + text);
        }
        return c == 'x' ? i + 3 : i + 1;
    }

    private static int repeat(String text, int i, ByteArrayOutputStream out) {
        int star = text.indexOf('*', i);
        byte[] run = new byte[Integer.parseInt(text.substring(i + 1, star))];
        Arrays.fill(run, (byte) text.charAt(star + 1));
        out.writeBytes(run);
        return star + 3;
    }

    @Override
    public String toString() {
        return name;
    }
}
