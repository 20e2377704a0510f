package dev.fairlead.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Cidr;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrSetTest {
    private static Cidr cidr(String text) {
        int slash = text.indexOf('/');
        return new Cidr(InetAddress.ofLiteral(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    private static CidrSet set(String... blocks) {
        return CidrSet.of(Arrays.stream(blocks).map(CidrSetTest::cidr).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0, true",
        "10.255.255.255, true",
        "11.0.0.0, false",
        "9.255.255.255, false",
        "192.0.2.7, true",
        "192.0.2.8, false",
        "200.1.2.3, true",
        "2001:db8::1, true",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff, false",
        "2001:db9::, false",
        "fe80::1, true",
        "fe80::2, false",
        "::ffff:10.1.2.3, true",
    })
    void knowsWhatIsWithin(String address, boolean isWithin) {
        CidrSet set = set(
                "10.1.0.0/16",
                "10.0.0.0/8",
                "192.0.2.7/32",
                "192.0.0.0/24",
                "200.0.0.0/6",
                "2001:db8::/32",
                "fe80::1/128");

        assertThat(set.contains(InetAddress.ofLiteral(address))).isEqualTo(isWithin);
    }

    @Test
    void takesAnIpv4AddressThatComesAsIpv6ForWhatItIs() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        InetAddress address = java.net.Inet6Address.getByAddress(null, mapped, -1);

        assertThat(address.getAddress()).hasSize(16);
        assertThat(set("10.0.0.0/8").contains(address)).isTrue();
        assertThat(set("::/0").contains(address)).isFalse();
    }

    @Test
    void holdsNothingWhenEmptyAndAllWithTheWholeNet() {
        assertThat(CidrSet.EMPTY.contains(InetAddress.ofLiteral("10.0.0.1"))).isFalse();
        assertThat(set("0.0.0.0/0").contains(InetAddress.ofLiteral("255.255.255.255")))
                .isTrue();
        assertThat(set("::/0").contains(InetAddress.ofLiteral("ffff::1"))).isTrue();
        assertThat(set("0.0.0.0/0").contains(InetAddress.ofLiteral("::1"))).isFalse();
    }

    /// Against comparing prefixes one by one.
    @Test
    void agreesWithASearchOfEveryBlock() throws UnknownHostException {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            int bytes = random.nextBoolean() ? 4 : 16;
            List<Cidr> blocks = new ArrayList<>();
            for (int i = random.nextInt(20); i >= 0; i--) {
                blocks.add(block(random, bytes));
            }
            CidrSet set = CidrSet.of(blocks);
            for (int i = 0; i < 100; i++) {
                byte[] near =
                        blocks.get(random.nextInt(blocks.size())).network().getAddress();
                near[random.nextInt(bytes)] ^= (byte) (1 << random.nextInt(8));
                InetAddress address = InetAddress.getByAddress(near);
                assertThat(set.contains(address))
                        .as("%s in %s", address, blocks)
                        .isEqualTo(blocks.stream().anyMatch(each -> isIn(each, near)));
            }
        }
    }

    private static Cidr block(Random random, int bytes) throws UnknownHostException {
        int length = random.nextInt(bytes * 8 + 1);
        byte[] network = new byte[bytes];
        random.nextBytes(network);
        // Few first bytes, so that blocks meet; never those of IPv4 in IPv6.
        network[0] = (byte) (1 + random.nextInt(3));
        BigInteger mask = BigInteger.ONE.shiftLeft(bytes * 8).subtract(BigInteger.ONE.shiftLeft(bytes * 8 - length));
        byte[] masked = new BigInteger(1, network).and(mask).toByteArray();
        byte[] padded = new byte[bytes];
        System.arraycopy(
                masked,
                Math.max(0, masked.length - bytes),
                padded,
                Math.max(0, bytes - masked.length),
                Math.min(bytes, masked.length));
        return new Cidr(InetAddress.getByAddress(padded), length);
    }

    private static boolean isIn(Cidr block, byte[] address) {
        int shift = address.length * 8 - block.length();
        return new BigInteger(1, block.network().getAddress())
                .shiftRight(shift)
                .equals(new BigInteger(1, address).shiftRight(shift));
    }
}
