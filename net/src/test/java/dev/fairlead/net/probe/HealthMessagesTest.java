package dev.fairlead.net.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HealthMessagesTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void asksForTheServerOrAService() {
        assertThat(HEX.formatHex(HealthMessages.request(""))).isEqualTo("0000000000");
        assertThat(HEX.formatHex(HealthMessages.request("ab"))).isEqualTo("0000000004" + "0a026162");
        assertThat(HEX.formatHex(HealthMessages.request("x".repeat(300))))
                .startsWith("000000012f" + "0aac02" + "7878")
                .hasSize(2 * (5 + 3 + 300));
    }

    @ParameterizedTest
    @CsvSource({
        "0000000000, 0",
        "0000000002 0801, 1",
        "0000000002 0802, 2",
        "0000000003 088101, 129",
        // The last of several counts; other fields are passed over, of every wire type.
        "0000000004 0801 0803, 3",
        "0000000006 120361626308, -1",
        "0000000007 1203616263 0801, 1",
        "000000000b 110102030405060708 0801, 1",
        "0000000007 1501020304 0801, 1",
        "0000000005 10ff01 0801, 1"
    })
    void tellsTheStatus(String message, int status) {
        assertThat(HealthMessages.status(bytes(message))).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00000000",
                "0100000002 0801",
                "0000000003 0801",
                "0000000001 0801",
                "00ffffffff 0801",
                "0000000001 08",
                "0000000002 0881",
                "0000000003 0a0101",
                "0000000002 0001",
                "0000000002 0b01",
                "000000000b 08ffffffffffffffffff01",
                "000000000c 08ffffffffffffffffffff01",
                "0000000003 12056162",
                "0000000003 110102"
            })
    void refusesWhatIsNoSuchMessage(String message) {
        assertThat(HealthMessages.status(bytes(message))).isEqualTo(HealthMessages.INVALID);
    }

    @Test
    void readsAnyBytesWithoutFault() {
        Random random = new Random(11);
        for (int i = 0; i < 100_000; i++) {
            byte[] message = new byte[5 + random.nextInt(16)];
            random.nextBytes(message);
            for (int j = 0; j < 4; j++) {
                message[j] = 0;
            }
            message[4] = (byte) (message.length - 5);
            assertThat(HealthMessages.status(message)).isGreaterThanOrEqualTo(HealthMessages.INVALID);
        }
    }

    private static byte[] bytes(String hex) {
        return HEX.parseHex(hex.replace(" ", ""));
    }
}
