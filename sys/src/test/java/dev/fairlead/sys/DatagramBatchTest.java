package dev.fairlead.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramBatchTest {
    private static final int SLOTS = 8;
    private static final long LOOPBACK = 0xffff_7f00_0001L;

    private final Sockets calls = new Sockets();
    private final List<Integer> sockets = new ArrayList<>();
    private final ByteBuffer inMemory = ByteBuffer.allocateDirect(SLOTS * DatagramBatch.SLOT_BYTES);
    private final ByteBuffer outMemory = ByteBuffer.allocateDirect(SLOTS * DatagramBatch.SLOT_BYTES);
    private final DatagramBatch in = new DatagramBatch(inMemory);
    private final DatagramBatch out = new DatagramBatch(outMemory);

    @AfterEach
    void close() {
        sockets.forEach(calls::close);
    }

    private int socket(boolean isIpv6, String address) {
        int socket = calls.openDatagrams(isIpv6);
        sockets.add(socket);
        assertThat(calls.bind(socket, InetAddress.ofLiteral(address), 0)).isZero();
        return socket;
    }

    private int port(int socket) {
        InetSocketAddress address = calls.localAddress(socket);
        assertThat(address).isNotNull();
        return address.getPort();
    }

    private void content(int slot, String text) {
        outMemory.put(slot * DatagramBatch.SLOT_BYTES, text.getBytes(US_ASCII));
        out.prepare(slot, 0, text.length(), 0);
    }

    private String received(int slot) {
        byte[] bytes = new byte[in.length(slot)];
        inMemory.get(slot * DatagramBatch.SLOT_BYTES, bytes);
        return new String(bytes, US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"false, 127.0.0.1, 0, 281472812449793", "true, ::1, 0, 1", "true, ::, 0, 281472812449793"})
    void sendsAndReceivesManyByOneCall(boolean isIpv6, String address, long high, long low) {
        int from = socket(isIpv6, address);
        int to = socket(isIpv6, address);
        List<String> texts = List.of("one", "", "three");
        for (int i = 0; i < texts.size(); i++) {
            content(i, texts.get(i));
            out.to(i, isIpv6, high, low, port(to), 0);
        }

        assertThat(out.send(from, 0, 3)).isEqualTo(3);
        assertThat(in.receive(to, 0, SLOTS)).isEqualTo(3);

        for (int i = 0; i < texts.size(); i++) {
            assertThat(received(i)).isEqualTo(texts.get(i));
            assertThat(in.peerHigh(i)).isEqualTo(high);
            assertThat(in.peerLow(i)).isEqualTo(low);
            assertThat(in.peerPort(i)).isEqualTo(port(from));
            assertThat(in.segment(i)).isZero();
            assertThat(in.localLow(i)).isZero();
        }
        assertThat(in.receive(to, 0, SLOTS)).isEqualTo(Transfer.EAGAIN);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsToWhichAddressItCameAndAnswersFromThere(boolean isIpv6) {
        int server = socket(isIpv6, isIpv6 ? "::" : "0.0.0.0");
        calls.setOption(
                server,
                isIpv6 ? Sockets.IPPROTO_IPV6 : Sockets.IPPROTO_IP,
                isIpv6 ? Sockets.IPV6_RECVPKTINFO : Sockets.IP_PKTINFO,
                1);
        int client = socket(false, "127.0.0.1");
        long asked = LOOPBACK + 4;
        content(0, "where?");
        out.to(0, false, 0, asked, port(server), 0);
        assertThat(out.send(client, 0, 1)).isEqualTo(1);

        assertThat(in.receive(server, 0, SLOTS)).isEqualTo(1);
        assertThat(in.localHigh(0)).isZero();
        assertThat(in.localLow(0)).isEqualTo(asked);

        content(0, "here");
        out.to(0, isIpv6, 0, LOOPBACK, port(client), 0);
        out.from(0, isIpv6, 0, asked);
        assertThat(out.send(server, 0, 1)).isEqualTo(1);
        assertThat(in.receive(client, 0, SLOTS)).isEqualTo(1);
        assertThat(received(0)).isEqualTo("here");
        assertThat(in.peerLow(0)).isEqualTo(asked);
    }

    @Test
    void sendsATrainThatComesAsOneOrInPieces() {
        int from = socket(false, "127.0.0.1");
        int joined = socket(false, "127.0.0.1");
        int single = socket(false, "127.0.0.1");
        calls.setOption(joined, Sockets.SOL_UDP, Sockets.UDP_GRO, 1);
        String text = "a".repeat(1000) + "b".repeat(1000) + "c".repeat(500);
        content(0, text);
        for (int to : new int[] {joined, single}) {
            out.prepare(0, 0, text.length(), 1000);
            out.to(0, false, 0, LOOPBACK, port(to), 0);
            assertThat(out.send(from, 0, 1)).isEqualTo(1);
        }

        assertThat(in.receive(joined, 0, SLOTS)).isEqualTo(1);
        assertThat(received(0)).isEqualTo(text);
        assertThat(in.segment(0)).isEqualTo(1000);
        assertThat(in.receive(single, 0, SLOTS)).isEqualTo(3);
        assertThat(received(0) + received(1) + received(2)).isEqualTo(text);
        assertThat(in.length(2)).isEqualTo(500);

        out.shift(0, 1000, 1000);
        assertThat(out.send(from, 0, 1)).isEqualTo(1);
        assertThat(in.receive(single, 0, SLOTS)).isEqualTo(1);
        assertThat(received(0)).isEqualTo("b".repeat(1000));
    }

    @Test
    void sendsToThePeerThatItHas() {
        int to = socket(false, "127.0.0.1");
        int from = calls.openDatagrams(false);
        sockets.add(from);
        assertThat(calls.connect(from, new InetSocketAddress("127.0.0.1", port(to))))
                .isZero();
        content(2, "to you");

        assertThat(out.sendToPeer(from, 2, 3, 3, 0)).isEqualTo(1);
        assertThat(in.receive(to, 5, 1)).isEqualTo(1);
        assertThat(received(5)).isEqualTo("you");

        calls.close(sockets.removeFirst());
        out.sendToPeer(from, 2, 0, 3, 0);
        // ICMP has said by now that nobody is there.
        assertThat(in.receive(from, 0, 1)).isEqualTo(Sockets.ECONNREFUSED);
    }
}
