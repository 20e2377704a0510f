package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NatPlaneTest {
    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);
    private final Config config =
            Objects.requireNonNull(ConfigFile.read("""
            listeners:
              raw: {protocol: tcp, address: "192.0.2.1:80", upstream: app, carrier: ebpf}
            upstreams:
              app: {endpoints: ["198.51.100.1:80"], balancer: round-robin}
            """, "test", Map.of()).config());
    private final ListenerSpec spec = Objects.requireNonNull(config.listeners().get("raw"));

    @BeforeEach
    void upstream() {
        upstreams.put(Objects.requireNonNull(config.upstreams().get("app")));
    }

    private static final class Nobody implements Watcher<Book> {
        @Override
        public void add(Book book) {}

        @Override
        public void forget(Book book) {}

        @Override
        public void lookSoon() {}

        @Override
        public CompletableFuture<List<LiveFlow>> flows(Book book, FlowQuestion question) {
            return CompletableFuture.completedFuture(List.of());
        }
    }

    /// What Linux says is up to the test.
    private final class Plane extends NatPlane<Book> {
        private boolean isRefused;
        private int written;

        Plane() {
            super(spec, upstreams, metrics);
        }

        @Override
        protected void begin() {
            book(new Book(terms(), tally(), null) {
                @Override
                public void cut(Endpoint endpoint) {}

                @Override
                public void leaveBehind(boolean isPanicking) {}
            });
        }

        @Override
        protected void write() throws IOException {
            if (isRefused) {
                throw new IOException("not now");
            }
            written++;
        }

        @Override
        public void narrow(ListenerSpec narrower) {}

        @Override
        public void widen(ListenerSpec wider) {}

        @Override
        protected void stop() {}

        @Override
        protected void remove(Book its) {}

        @Override
        protected Watcher<Book> watcher() {
            return new Nobody();
        }

        @Override
        protected boolean outlives() {
            return false;
        }

        @Override
        protected long flowsMax() {
            return 1;
        }
    }

    @Test
    void whatLinuxDidNotTakeIsTriedAgain() throws IOException {
        Plane plane = new Plane();
        plane.start();
        plane.isRefused = true;
        plane.update(spec);
        int before = plane.written;

        plane.look(1);
        assertThat(plane.written).isEqualTo(before);
        plane.isRefused = false;
        plane.look(2);

        assertThat(plane.written).isEqualTo(before + 1);
        plane.look(3);
        assertThat(plane.written).as("turns follow no load").isEqualTo(before + 1);
    }
}
