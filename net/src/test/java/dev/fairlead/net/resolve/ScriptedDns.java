package dev.fairlead.net.resolve;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A DNS server over UDP on loopback that says what a test told it to. Written from RFC 1035, on its own: it shares
/// no code with what it tests. What it was told nothing about does not exist.
final class ScriptedDns implements AutoCloseable {
    static final int A = 1;
    static final int CNAME = 5;
    static final int AAAA = 28;
    static final int SRV = 33;

    private static final int NXDOMAIN = 3;

    private final DatagramSocket socket;
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();

    private sealed interface Script {
        record Records(List<byte[]> answers) implements Script {}

        record Code(int code) implements Script {}

        record Silence() implements Script {}
    }

    ScriptedDns() throws SocketException {
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(this::serve);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /// Questions so far.
    int asked() {
        return asked.get();
    }

    void addresses(String name, int ttl, String... addresses) {
        List<byte[]> v4 = new ArrayList<>();
        List<byte[]> v6 = new ArrayList<>();
        for (String each : addresses) {
            byte[] bytes = InetAddress.ofLiteral(each).getAddress();
            (bytes.length == 4 ? v4 : v6).add(record(name, bytes.length == 4 ? A : AAAA, ttl, bytes));
        }
        script(name, A, new Script.Records(v4));
        script(name, AAAA, new Script.Records(v6));
    }

    /// Only the alias, without the addresses at its end, when `followed` is empty.
    void alias(String name, int ttl, String to, int ttlThere, String... followed) {
        List<byte[]> answers = new ArrayList<>();
        answers.add(record(name, CNAME, ttl, name(to)));
        for (String each : followed) {
            answers.add(record(to, A, ttlThere, InetAddress.ofLiteral(each).getAddress()));
        }
        script(name, A, new Script.Records(answers));
        script(name, AAAA, new Script.Records(List.of(answers.getFirst())));
    }

    /// Each as `priority weight port target`.
    void services(String name, int ttl, String... records) {
        List<byte[]> answers = new ArrayList<>();
        for (String each : records) {
            String[] words = each.split(" ");
            answers.add(record(name, SRV, ttl, bytes(out -> {
                for (int i = 0; i < 3; i++) {
                    out.writeShort(Integer.parseInt(words[i]));
                }
                out.write(name(words[3]));
            })));
        }
        script(name, SRV, new Script.Records(answers));
    }

    void code(String name, int type, int code) {
        script(name, type, new Script.Code(code));
    }

    void silence(String name, int type) {
        script(name, type, new Script.Silence());
    }

    private void script(String name, int type, Script script) {
        scripts.put(type + " " + name, script);
    }

    private void serve() {
        byte[] buffer = new byte[4096];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                answer(packet);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(DatagramPacket packet) throws IOException {
        byte[] query = packet.getData();
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            at += 1 + query[at];
        }
        int type = (query[at + 1] << 8) | query[at + 2];
        int questionEnd = at + 5;
        asked.incrementAndGet();
        Script script =
                scripts.getOrDefault(type + " " + name.toString().toLowerCase(Locale.ROOT), new Script.Code(NXDOMAIN));
        List<byte[]> answers;
        int code;
        switch (script) {
            case Script.Records(var records) -> {
                answers = records;
                code = 0;
            }
            case Script.Code(int said) -> {
                answers = List.of();
                code = said;
            }
            case Script.Silence() -> {
                return;
            }
        }
        byte[] response = bytes(out -> {
            out.write(query, 0, 2);
            out.writeShort(0x8180 | code);
            out.writeShort(1);
            out.writeShort(answers.size());
            out.writeInt(0);
            out.write(query, 12, questionEnd - 12);
            for (byte[] each : answers) {
                out.write(each);
            }
        });
        socket.send(new DatagramPacket(response, response.length, packet.getSocketAddress()));
    }

    private static byte[] record(String name, int type, int ttl, byte[] data) {
        return bytes(out -> {
            out.write(name(name));
            out.writeShort(type);
            out.writeShort(1);
            out.writeInt(ttl);
            out.writeShort(data.length);
            out.write(data);
        });
    }

    private static byte[] name(String name) {
        return bytes(out -> {
            for (String label : name.equals(".") ? new String[0] : name.split("[.]")) {
                out.writeByte(label.length());
                out.writeBytes(label);
            }
            out.writeByte(0);
        });
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
