package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Who carries a listener that leaves it open: here the config asks for what Linux cannot do.
class CarrierTest {
    @Test
    void whereLinuxCannotSocketsDoAndTheLogSaysWhy() throws Exception {
        carriesBySockets(
                ", balancer: power-of-two",
                "in Linux there are `maglev`, `round-robin`, `random`, `least-load` and `latency`");
    }

    /// As on a router that its servers run on too: Linux would drop what comes in for them.
    @Test
    void anEndpointOnThisHostStaysReachable() throws Exception {
        carriesBySockets("", "/upstreams/app/endpoints/0: this endpoint is on this host alone");
    }

    private static void carriesBySockets(String upstream, String reason) throws Exception {
        try (NginxBackend nginx = NginxBackend.start("one");
                Fairlead fairlead = Fairlead.start("""
                        listeners:
                          raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app, carrier: auto}
                        upstreams:
                          app: {endpoints: ["%s"]%s}
                        """.formatted(Repository.freePort(), nginx.address(), upstream))) {
            try (Wire wire = Wire.to(fairlead.port("raw"))) {
                wire.send("GET / HTTP/1.0\r\n\r\n");
                assertThat((char) wire.in().read()).isEqualTo('H');
            }

            assertThat(fairlead.log())
                    .contains("carrier: sockets, two connections and no Layer 4 forwarding")
                    .contains(reason);
        }
    }
}
