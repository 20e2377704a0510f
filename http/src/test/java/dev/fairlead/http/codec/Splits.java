package dev.fairlead.http.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import java.util.stream.IntStream;

/// Where a message may be cut by the network.
final class Splits {
    private Splits() {}

    /// The reading of the whole, after checking that it is the same when the bytes come in two pieces, cut
    /// anywhere, and when they come one by one.
    static Reading everywhere(byte[] bytes, Function<int[], Reading> read) {
        Reading whole = read.apply(new int[0]);
        for (int cut = 1; cut < bytes.length; cut++) {
            assertThat(read.apply(new int[] {cut})).as("cut at %d", cut).isEqualTo(whole);
        }
        int[] every = IntStream.range(1, bytes.length).toArray();
        assertThat(read.apply(every)).as("byte by byte").isEqualTo(whole);
        return whole;
    }
}
