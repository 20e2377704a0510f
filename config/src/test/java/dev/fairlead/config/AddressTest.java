package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:80, 127.0.0.1:80",
        "*:80, 0.0.0.0:80",
        "[::]:80, [::]:80",
        "[::1]:80, [::1]:80",
        "[1::]:80, [1::]:80",
        "[2001:DB8:0:0:1:0:0:1]:80, [2001:db8::1:0:0:1]:80",
        "[1:0:3:4:5:6:7:8]:80, [1:0:3:4:5:6:7:8]:80",
        "[::ffff:10.0.0.1]:80, 10.0.0.1:80",
    })
    void writesTheShortestFormThatReadsBackTheSame(String text, String written) throws Malformed {
        Address address = AddressText.parseListen(text);

        assertThat(address).hasToString(written);
        assertThat(AddressText.parseListen(written)).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({
        "*:80, 0.0.0.0:80, true",
        "*:80, 127.0.0.1:80, true",
        "127.0.0.1:80, [::]:80, true",
        "127.0.0.1:80, 127.0.0.1:80, true",
        "127.0.0.1:80, 127.0.0.2:80, false",
        "127.0.0.1:80, 127.0.0.1:81, false",
        "*:0, *:0, false",
    })
    void clashesWhenBothWouldClaimOnePort(String a, String b, boolean clash) throws Malformed {
        assertThat(AddressText.parseListen(a).clashesWith(AddressText.parseListen(b)))
                .isEqualTo(clash);
        assertThat(AddressText.parseListen(b).clashesWith(AddressText.parseListen(a)))
                .isEqualTo(clash);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:80, 10.0.0.1:80",
        "223.255.0.9:65535, 223.255.0.9:65535",
        "0.1.2.3:1, 0.1.2.3:1",
        "10.0.0.1:080, 10.0.0.1:80",
        "[2001:db8::1]:80, [2001:db8::1]:80",
        "10.0.0.1:0, ",
        "10.0.0.1:65536, ",
        "10.0.0.1:99999999999, ",
        "10.0.0.256:80, ",
        "10.0.0.01:80, ",
        "10.0.0:80, ",
        "10.0.0.1.2:80, ",
        "10.0..1:80, ",
        "10.0.0.1:80:80, ",
        "10.0.0.1, ",
        "10.0.0.1:, ",
        "0.0.0.0:80, ",
        "224.0.0.1:80, ",
    })
    void readsAnEndpointInWhateverForm(String text, @Nullable String written) {
        EndpointAddress address;
        try {
            address = AddressText.parseEndpoint(text);
        } catch (Malformed refused) {
            address = null;
        }

        assertThat(address == null ? null : address.toString()).isEqualTo(written);
    }
}
