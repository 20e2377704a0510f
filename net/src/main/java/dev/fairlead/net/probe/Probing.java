package dev.fairlead.net.probe;

import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Connector;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.net.proxyprotocol.ProxyHeaderWriter;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.health.Health;
import dev.fairlead.upstream.health.HealthTracker;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The probing of one endpoint: one probe after the other, never two at once, on one loop.
final class Probing {
    // immutable
    private final Loop loop;
    private final Endpoint endpoint;
    private final ProbeSpec spec;
    private final @Nullable ProxyProtocolOutSpec introduction;
    private final InetSocketAddress to;
    private final Counter good;
    private final Counter bad;
    private final BiConsumer<Probing, ProbeResult> report;

    // the control thread only
    private final HealthTracker tracker;

    // the loop only
    private final Deadline deadline;
    private long startNanos;
    private @Nullable Probe running;

    // written by the control thread, read by any
    private volatile Question question;
    private volatile boolean down;
    private volatile boolean stopped;

    Probing(
            Loop loop,
            Endpoint endpoint,
            ProbeSpec spec,
            @Nullable ProxyProtocolOutSpec introduction,
            Question question,
            Metrics metrics,
            BiConsumer<Probing, ProbeResult> report) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.spec = spec;
        // Another port is another service.
        this.introduction = spec.port() == 0 ? introduction : null;
        this.question = question;
        this.to = spec.port() == 0
                ? endpoint.address()
                : new InetSocketAddress(endpoint.address().getAddress(), spec.port());
        this.report = report;
        this.tracker = new HealthTracker(spec.pace().rise(), spec.pace().fall(), endpoint.health());
        this.down = endpoint.health() == Health.DOWN;
        this.good = metrics.counter(Metric.ENDPOINT_PROBES, endpoint.upstream(), endpoint.name(), "good");
        this.bad = metrics.counter(Metric.ENDPOINT_PROBES, endpoint.upstream(), endpoint.name(), "bad");
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                onDeadline(nowNanos);
            }
        };
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /// Control thread: what the next probe asks.
    void ask(Question other) {
        question = other;
    }

    HealthTracker tracker() {
        return tracker;
    }

    /// The endpoint has gone down or come up: the next probe comes at the interval for that. Control thread.
    void onFlip(Health now) {
        down = now == Health.DOWN;
        loop.eventLoop().execute(() -> {
            if (running == null && !stopped) {
                deadline.at(nextNanos());
            }
        });
    }

    boolean isStopped() {
        return stopped;
    }

    /// The first probe begins at once.
    void start() {
        loop.eventLoop().execute(() -> begin(System.nanoTime()));
    }

    void stop() {
        stopped = true;
        loop.eventLoop().execute(() -> {
            deadline.end();
            Probe probe = running;
            if (probe != null) {
                running = null;
                probe.close();
            }
        });
    }

    private void onDeadline(long nowNanos) {
        Probe probe = running;
        if (probe == null) {
            begin(nowNanos);
        } else {
            onFound(
                    probe,
                    ProbeResult.bad("no answer in " + spec.pace().timeout().toMillis() + " ms"));
        }
    }

    private void begin(long nowNanos) {
        if (stopped) {
            return;
        }
        startNanos = nowNanos;
        deadline.at(nowNanos + spec.pace().timeout().toNanos());
        var probe = new Probe();
        running = probe;
        probe.connect();
    }

    /// The first finding of a probe counts; what comes after it is too late.
    private void onFound(Probe probe, ProbeResult result) {
        if (running != probe) {
            return;
        }
        running = null;
        probe.close();
        if (stopped) {
            return;
        }
        (result.isGood() ? good : bad).increment();
        deadline.at(nextNanos());
        report.accept(this, result);
    }

    private long nextNanos() {
        double part = 1
                + spec.pace().jitter()
                        / 100.0
                        * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return startNanos + (long) (spec.pace().interval(down).toNanos() * part);
    }

    /// One probe, and the last handler of its connection.
    private final class Probe extends ChannelInboundHandlerAdapter implements Finding {
        private @Nullable Channel channel;

        void connect() {
            try {
                int timeoutMillis = Math.toIntExact(spec.pace().timeout().toMillis());
                ChannelFuture connect = Connector.probe(loop, to, timeoutMillis, this);
                channel = connect.channel();
                connect.addListener(_ -> onConnect(connect));
            } catch (ChannelException noDescriptor) {
                bad("no socket: " + noDescriptor.getMessage());
            }
        }

        private void onConnect(ChannelFuture connect) {
            if (!connect.isSuccess()) {
                bad(FaultReason.of(connect.cause()));
            } else if (running == this) {
                introduce(connect.channel());
                question.ask(connect.channel(), to, this);
            }
        }

        /// Endpoints that expect a header expect it of everybody: this one says that we speak for nobody.
        private void introduce(Channel connected) {
            if (introduction != null) {
                connected.writeAndFlush(
                        ProxyHeaderWriter.local(introduction.version(), connected.alloc()), connected.voidPromise());
            }
        }

        @Override
        public void found(ProbeResult result) {
            onFound(this, result);
        }

        /// What the question did not ask for.
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            bad("closed without an answer");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            bad(FaultReason.of(cause));
        }

        void close() {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
