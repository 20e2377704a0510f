package dev.fairlead.http.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Reason;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.leak.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoLeaks.class)
final class FaultResponsesTest {
    private final Recorded client = new Recorded();

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"DOWNSTREAM_GONE", "DOWNSTREAM_STALLED", "DOWNSTREAM_TOO_SLOW"})
    void answersEveryFaultThatSomebodyHears(Fault fault) {
        FaultResponses.send(exchange("GET", "fairlead"), fault, "why");

        assertThat(client.status).isEqualTo(fault.status());
        assertThat(client.body)
                .isEqualTo(fault.status() + " " + Reason.text(fault.status()) + "\n")
                .doesNotContain("  ");
        assertThat(client.length).isEqualTo(Integer.toString(client.body.length()));
        assertThat(Reason.text(fault.status())).isNotEmpty();
        assertThat(client.proxyStatus).isEqualTo("fairlead; error=" + fault.error() + "; details=\"why\"");
        assertThat(client.calls).isEqualTo("respond body end flush ");
    }

    /// The table of docs/headers.md has every status and error that a client may see, and no other.
    @Test
    void standsInTheTable() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../docs/headers.md")).stream()
                .filter(line -> line.matches("\\| [0-9]{3} \\| `[a-z_]+` \\|.*"))
                .map(line ->
                        line.substring(0, line.indexOf('|', line.indexOf('`'))).strip())
                .distinct()
                .toList();
        Set<Fault> unheard =
                EnumSet.of(Fault.DOWNSTREAM_GONE, Fault.DOWNSTREAM_STALLED, Fault.DOWNSTREAM_TOO_SLOW, Fault.DRAINED);

        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.copyOf(unheard)).stream()
                        .map(each -> "| " + each.status() + " | `" + each.error() + "`")
                        .distinct()
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = "NO_ROUTE")
    void sendsNoBodyToHead(Fault fault) {
        FaultResponses.send(exchange("HEAD", "9-edge"), fault, "");

        assertThat(client.calls).isEqualTo("respond end flush ");
        assertThat(client.length).isEqualTo("14");
        assertThat(client.proxyStatus).isEqualTo("\"9-edge\"; error=destination_not_found");
    }

    private Exchange exchange(String method, String name) {
        RequestHead head = new RequestHead();
        head.fields().append(Unpooled.copiedBuffer(method, US_ASCII), method.length());
        head.method(0, method.length());
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        return new Exchange(new Client(address), client, head, new Identity(name), 0);
    }

    private static final class Recorded implements Downstream {
        private String calls = "";
        private int status;
        private String body = "";
        private String length = "";
        private String proxyStatus = "";

        @Override
        public void respond(ResponseHead head) {
            calls += "respond ";
            status = head.status();
            length = head.fields().valueText(FieldName.CONTENT_LENGTH);
            proxyStatus = head.fields().valueText(FieldName.PROXY_STATUS);
        }

        @Override
        public void body(ByteBuf data) {
            calls += "body ";
            body = data.toString(US_ASCII);
            data.release();
        }

        @Override
        public void end(Fields trailers) {
            calls += "end ";
        }

        @Override
        public void cut() {
            calls += "cut ";
        }

        @Override
        public void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver) {
            throw new AssertionError("not asked for");
        }

        @Override
        public void flush() {
            calls += "flush ";
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void wantBody(boolean want) {
            throw new AssertionError("not asked for");
        }
    }
}
