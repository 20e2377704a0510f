package dev.fairlead.http.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.leak.NoLeaks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class ForwardedFieldsTest {
    private final RequestHead head = new RequestHead();

    @Test
    void replacesWhatTheClientSaysOfItself() throws Exception {
        head.fields().add(FieldName.X_FORWARDED_FOR, "9.9.9.9");
        head.fields().add(FieldName.FORWARDED, "for=9.9.9.9");
        head.fields().add(FieldName.X_FORWARDED_PROTO, "https");
        head.fields().add(FieldName.X_FORWARDED_HOST, "evil");
        head.fields().add(FieldName.X_FORWARDED_FOR, "8.8.8.8");

        assertThat(with("127.0.0.1"))
                .isEqualTo("x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\n"
                        + "forwarded: for=127.0.0.1;proto=http\r\nvia: 1.1 fairlead\r\n");
    }

    @Test
    void keepsTheViaOfThoseBefore() throws Exception {
        head.fields().add(FieldName.VIA, "1.1 other");
        head.fromVersion10(true);

        assertThat(with("127.0.0.1")).startsWith("via: 1.1 other\r\n").endsWith("via: 1.0 fairlead\r\n");
    }

    @Test
    void quotesWhatIsNoToken() throws Exception {
        host("a.b", 3);
        assertThat(with("::1"))
                .contains("x-forwarded-for: 0:0:0:0:0:0:0:1\r\n", "x-forwarded-host: a.b\r\n")
                .contains("forwarded: for=\"[0:0:0:0:0:0:0:1]\";host=a.b;proto=http\r\n");

        host("a.b:80", 3);
        assertThat(with("127.0.0.1")).contains("forwarded: for=127.0.0.1;host=\"a.b:80\";proto=http\r\n");
    }

    private void host(String authority, int hostEnd) {
        head.clear();
        head.fields().add(FieldName.HOST, authority);
        int start = head.fields().valueStart(0);
        head.authority(start, start + hostEnd, start + authority.length());
    }

    private String with(String client) throws Exception {
        new ForwardedFields().add(head, new Client(new InetSocketAddress(InetAddress.getByName(client), 1)));
        var out = new Bytes(16);
        head.fields().putLines(out);
        return out.toString();
    }
}
