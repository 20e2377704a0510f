package dev.fairlead.config;

import java.time.Duration;
import java.util.List;

/// A listener behind another proxy that tells who the client is, by the PROXY protocol.
public record ProxyProtocolInSpec(
        @Key(
                value =
                        "Addresses of the proxies that are believed. Their connections must begin with a header of version 1 or 2: whether there is one is never guessed.",
                orOne = true,
                example = "[10.0.0.0/8]")
        List<Cidr> from,

        @Key(
                value =
                        "Time for the header to come. Proxies send it with the handshake's last packet, so 1s is long; a lost packet may need it.",
                absent = "1s",
                min = "10ms",
                max = "1m")
        Duration timeout,

        @Key(
                value =
                        "Connections from all other addresses. `refuse`: closed at once, for who goes around the proxy must not be taken for a client of it. `plain`: they send no header and are clients themselves.",
                absent = "refuse")
        Others others,

        @Key(
                value =
                        "The longest header of version 2. 4KiB holds a client certificate's facts; what is longer is malformed.",
                absent = "4KiB",
                min = "536B",
                max = "64KiB",
                form = Form.SIZE)
        int headerBytes) {

    public enum Others {
        REFUSE,
        PLAIN
    }

    public ProxyProtocolInSpec {
        from = List.copyOf(from);
    }
}
