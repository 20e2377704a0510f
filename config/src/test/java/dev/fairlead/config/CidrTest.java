package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "0.0.0.0/0, 0.0.0.0/0",
        "192.0.2.1, 192.0.2.1/32",
        "2001:DB8::/32, 2001:db8::/32",
        "::1, ::1/128",
        "::/0, ::/0",
        "::ffff:10.0.0.1, 10.0.0.1/32",
    })
    void isWrittenWithItsLength(String text, String written) throws Malformed {
        assertThat(AddressText.parseCidr(text)).hasToString(written);
        assertThat(AddressText.parseCidr(written)).isEqualTo(AddressText.parseCidr(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            10.0.0.1/8~has bits behind the first 8: write `10.0.0.0/8`
            2001:db8::1/64~write `2001:db8::/64`
            10.0.0.0/33~`/33` is not from `/0` to `/32`
            ::/129~`/129` is not from `/0` to `/128`
            10.0.0.0/~`/` is not from `/0` to `/32`
            10.0.0.0/08~`/08` is not from
            10.0/8~expected a block of addresses
            10.0.0.256/8~expected a block of addresses
            office~expected a block of addresses
            """)
    void refusesWhatCouldMeanTwoThings(String text, String complaint) {
        assertThatThrownBy(() -> AddressText.parseCidr(text))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining(complaint);
    }
}
