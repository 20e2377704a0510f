package dev.fairlead.http.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.http.filter.Heads;
import dev.fairlead.leak.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class AcceptEncodingTest {
    private static final Coding[] GZIP_ONLY = {Coding.GZIP};
    private static final Coding[] ALL = {Coding.ZSTD, Coding.BR, Coding.GZIP};

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip                            | GZIP",
                "GZip                            | GZIP",
                "x-gzip                          | GZIP",
                "deflate, gzip;q=0.001           | GZIP",
                "*                               | GZIP",
                "*;q=0.5, compress               | GZIP",
                "gzip , identity                 | GZIP",
                "gzip;q=0.5, identity;q=0.5      | GZIP",
                "gzip;q=0.1, *;q=0               | GZIP",
                "identity;q=0                    | ",
                "gzip;q=0                        | ",
                "gzip;q=0, *                     | ",
                "gzip;q=0.000                    | ",
                "gzip;q=0.4, identity;q=0.5      | ",
                "*;q=0                           | ",
                "deflate                         | ",
                "''                              | ",
                "gzip;q=2                        | ",
                "gzip;q=0.1234                   | ",
                "gzip;level=9                    | ",
                "gzipped                         | ",
                "gzip ; q=0.5                    | GZIP",
                "gzip; Q=0.5                     | GZIP",
                ", ,gzip,,                       | GZIP",
            })
    void choosesAsTheClientSays(String said, Coding expected) {
        assertThat(AcceptEncoding.best(
                        Heads.request("accept-encoding: " + said.strip()).fields(), GZIP_ONLY))
                .isEqualTo(expected);
    }

    @Test
    void readsAllLinesAndGivesNothingToWhoSaysNothing() {
        assertThat(AcceptEncoding.best(Heads.request().fields(), Coding.values()))
                .isNull();
        assertThat(AcceptEncoding.best(
                        Heads.request("accept-encoding: deflate", "accept-encoding: gzip")
                                .fields(),
                        Coding.values()))
                .isEqualTo(Coding.GZIP);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip, deflate, br, zstd      | ZSTD",
                "gzip, deflate, br            | BR",
                "*                            | ZSTD",
                "gzip, *;q=0.1                | GZIP",
                "zstd;q=0, *;q=0.1            | BR",
                "br;q=0.9, gzip;q=0.91        | GZIP",
                "br;q=0.9, identity;q=0.91    | ",
            })
    void takesTheFirstOfEquals(String said, Coding expected) {
        assertThat(AcceptEncoding.best(
                        Heads.request("accept-encoding: " + said.strip()).fields(), ALL))
                .isEqualTo(expected);
    }
}
