package dev.fairlead.net.probe;

import dev.fairlead.config.HttpProbeSpec;
import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.TcpProbeSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Connector;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.health.HealthTracker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The probing of one endpoint: one probe after the other, never two at once, on one loop.
final class Probing {
    /// Each pause is up to this part longer or shorter, so that many probes do not march in step.
    private static final double JITTER = 0.1;

    // immutable
    private final Loop loop;
    private final Endpoint endpoint;
    private final ProbeSpec spec;
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
    private volatile boolean stopped;

    Probing(Loop loop, Endpoint endpoint, ProbeSpec spec, Metrics metrics, BiConsumer<Probing, ProbeResult> report) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.spec = spec;
        this.report = report;
        this.tracker = new HealthTracker(spec.rise(), spec.fall(), endpoint.health());
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

    ProbeSpec spec() {
        return spec;
    }

    HealthTracker tracker() {
        return tracker;
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
            onFound(probe, ProbeResult.bad("no answer in " + spec.timeout().toMillis() + " ms"));
        }
    }

    private void begin(long nowNanos) {
        if (stopped) {
            return;
        }
        startNanos = nowNanos;
        deadline.at(nowNanos + spec.timeout().toNanos());
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
        double part = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        deadline.at(startNanos + (long) (spec.interval().toNanos() * part));
        report.accept(this, result);
    }

    /// One probe, and the handler of its connection.
    private final class Probe extends ChannelInboundHandlerAdapter {
        private final HttpStatusReader status = new HttpStatusReader();
        private @Nullable Channel channel;

        void connect() {
            try {
                ChannelFuture connect = Connector.connect(
                        loop, endpoint.address(), Math.toIntExact(spec.timeout().toMillis()), false, this);
                channel = connect.channel();
                connect.addListener(_ -> onConnect(connect));
            } catch (ChannelException noDescriptor) {
                onFound(this, ProbeResult.bad("no socket: " + noDescriptor.getMessage()));
            }
        }

        private void onConnect(ChannelFuture connect) {
            if (!connect.isSuccess()) {
                onFound(this, ProbeResult.bad(String.valueOf(connect.cause().getMessage())));
                return;
            }
            switch (spec) {
                case TcpProbeSpec _ -> onFound(this, ProbeResult.good("connected"));
                case HttpProbeSpec http -> connect.channel().writeAndFlush(request(http));
            }
        }

        private ByteBuf request(HttpProbeSpec http) {
            String host = http.host() == null ? endpoint.name() : http.host();
            String request = "GET " + http.path() + " HTTP/1.1\r\nHost: " + host
                    + "\r\nUser-Agent: fairlead\r\nAccept: */*\r\nConnection: close\r\n\r\n";
            return Unpooled.copiedBuffer(request, StandardCharsets.UTF_8);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buffer = (ByteBuf) message;
            try {
                if (running == this && spec instanceof HttpProbeSpec http) {
                    judge(http, status.read(buffer));
                }
            } finally {
                buffer.release();
            }
        }

        private void judge(HttpProbeSpec http, int found) {
            if (found == HttpStatusReader.INVALID) {
                onFound(this, ProbeResult.bad("the answer is not HTTP/1"));
            } else if (found != HttpStatusReader.MORE) {
                onFound(this, new ProbeResult(http.expect().holds(found), "status " + found));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            onFound(this, ProbeResult.bad("closed without an answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            onFound(this, ProbeResult.bad(String.valueOf(cause.getMessage())));
        }

        void close() {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
