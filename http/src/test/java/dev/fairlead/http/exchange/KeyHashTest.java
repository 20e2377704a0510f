package dev.fairlead.http.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.balance.Hash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class KeyHashTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

    /// A head with this target and these lines.
    private static RequestHead head(String target, String... lines) {
        RequestHead head = new RequestHead();
        Fields fields = head.fields();
        add(fields, target);
        int query = target.indexOf('?');
        head.target(0, query < 0 ? target.length() : query, target.length());
        for (String line : lines) {
            int start = fields.length();
            int colon = line.indexOf(':');
            add(fields, line + "\r\n");
            String name = line.substring(0, colon);
            FieldName known = name.equalsIgnoreCase("cookie") ? FieldName.COOKIE : null;
            fields.line(known, start, start + colon, start + colon + 2, fields.length() - 2, fields.length());
        }
        return head;
    }

    private static void add(Fields fields, String text) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        fields.append(bytes, bytes.readableBytes());
        bytes.release();
    }

    private static long hash(HashKey key, RequestHead head) {
        return KeyHash.of(key, CLIENT, head);
    }

    @Test
    void findsAHeaderWhateverItsCase() {
        HashKey key = new HashKey.Header("X-User");
        assertThat(hash(key, head("/", "x-use: bob", "x-USER: alice", "X-User: carol")))
                .isEqualTo(Hash.of("alice"));
        assertThat(hash(key, head("/", "X-Users: alice"))).isEqualTo(Choice.NO_KEY);
    }

    @Test
    void findsACookie() {
        HashKey key = new HashKey.Cookie("id");
        assertThat(hash(key, head("/", "Cookie: aid=1; id=7; x=2"))).isEqualTo(Hash.of("7"));
        assertThat(hash(key, head("/", "Cookie: a=1", "Cookie: id=7"))).isEqualTo(Hash.of("7"));
        assertThat(hash(key, head("/", "Cookie: ID=7; idx=1; id"))).isEqualTo(Choice.NO_KEY);
        assertThat(hash(key, head("/"))).isEqualTo(Choice.NO_KEY);
    }

    @Test
    void findsAQueryParameter() {
        HashKey key = new HashKey.Query("q");
        assertThat(hash(key, head("/a?b=1&q=x%20y&q=2"))).isEqualTo(Hash.of("x%20y"));
        assertThat(hash(key, head("/q=1"))).isEqualTo(Choice.NO_KEY);
        assertThat(hash(key, head("/?"))).isEqualTo(Choice.NO_KEY);
    }

    @Test
    void takesThePathWithoutTheQuery() {
        HashKey key = new HashKey.Path();
        assertThat(hash(key, head("/a/b?c"))).isEqualTo(Hash.of("/a/b")).isEqualTo(hash(key, head("/a/b")));
    }

    @Test
    void takesTheClient() {
        assertThat(hash(HashKey.SOURCE_ADDRESS, head("/"))).isEqualTo(Hash.of(CLIENT.getAddress()));
        assertThat(hash(new HashKey.SourceAddressAndPort(), head("/")))
                .isNotEqualTo(KeyHash.of(
                        new HashKey.SourceAddressAndPort(),
                        new InetSocketAddress(CLIENT.getAddress(), 4712),
                        head("/")));
    }
}
