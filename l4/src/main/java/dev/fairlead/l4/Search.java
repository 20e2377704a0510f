package dev.fairlead.l4;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Waiting;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.Retries;
import dev.fairlead.upstream.Why;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.limit.Waiter;
import dev.fairlead.upstream.limit.WaitingQueue;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The search of one flow for an endpoint that takes it: past those that are full, on to the next where one cannot be
/// connected (a [Retry]), and in the upstream's queue while all are full. Over when it has told its owner. This loop
/// only.
final class Search implements Choice, Waiting.Owner, Dial.Caller {
    private static final Logger LOG = LoggerFactory.getLogger(Search.class);

    // immutable
    private final Owner owner;
    private final Loop loop;
    private final TcpPlane plane;
    private final TcpPlane.Terms terms;
    private final Client client;
    private final InetSocketAddress from;

    // this loop only
    private long attemptNanos;
    private int attempts;
    private int askedPort;
    private int source;
    private int sourcesTried;
    private boolean over;
    private Why why = Why.BALANCER;
    private @Nullable Endpoint endpoint;
    private @Nullable Dial dial;
    private @Nullable List<Endpoint> tried;
    private @Nullable List<Endpoint> full;
    private @Nullable Waiting waiting;
    private @Nullable Retry retry;

    /// Told once, unless it gave up before.
    interface Owner {
        /// The flow has begun on this endpoint: [Endpoint#end] is due.
        void onFound(Endpoint endpoint, Dial connected);

        void onNotFound(FlowOutcome outcome);
    }

    Search(Owner owner, Loop loop, TcpPlane plane, TcpPlane.Terms terms, Client client) {
        this.owner = owner;
        this.loop = loop;
        this.plane = plane;
        this.terms = terms;
        this.client = client;
        this.from = client.address();
        this.source = terms.sockets().anySource();
    }

    @Override
    public void chosenFor(Why reason) {
        why = reason;
    }

    /// Why the flow is where it is.
    Why why() {
        return tried == null ? why : Why.RETRY;
    }

    /// Connections that were tried.
    int attempts() {
        return attempts;
    }

    /// The port that the client has asked for, where one of the endpoints that were tried keeps it.
    int askedPort() {
        return askedPort;
    }

    /// The endpoint that is tried now, else the last one that was; null: none.
    @Nullable
    Endpoint last() {
        return endpoint == null && tried != null ? tried.getLast() : endpoint;
    }

    /// The flow is on this endpoint now.
    boolean isOn(Endpoint asked) {
        return endpoint == asked;
    }

    void begin() {
        WaitingQueue queue = terms.upstream().queue();
        if (queue.isEmpty() || !queue.isOn()) {
            attempt();
        } else if (!await(queue)) {
            notFound(FlowOutcome.FULL);
        }
    }

    /// Nobody wants an endpoint any more.
    void giveUp() {
        if (over) {
            return;
        }
        over = true;
        if (waiting != null) {
            waiting.abandon();
            waiting = null;
        }
        if (retry != null) {
            retry.end();
        }
        if (dial != null) {
            dial.abandon();
        }
        if (endpoint != null) {
            endpoint.end();
        }
    }

    /// Also true of an endpoint that was full just now: it is passed over.
    @Override
    public boolean hasTried(Endpoint asked) {
        return (tried != null && tried.contains(asked)) || (full != null && full.contains(asked));
    }

    @Override
    public boolean hasFoundFull() {
        return full != null;
    }

    @Override
    public long hash(HashKey key) {
        return switch (key) {
            case HashKey.SourceAddress _ -> Hash.of(from.getAddress());
            case HashKey.SourceAddressAndPort _ -> Hash.with(Hash.of(from.getAddress()), from.getPort());
            // No config gives a tcp listener's upstream one of these.
            case HashKey.Path _, HashKey.Header _, HashKey.Cookie _, HashKey.Query _ -> NO_KEY;
        };
    }

    void attempt() {
        if (!tryAttempt() && !(hasFoundFull() && await(terms.upstream().queue()))) {
            notFound(outcome());
        }
    }

    private boolean await(WaitingQueue queue) {
        endRetry();
        waiting = Waiting.begin(loop, queue, this, System.nanoTime());
        return waiting != null;
    }

    @Override
    public Waiter.Turn onTurn() {
        if (!tryAttempt()) {
            if (hasFoundFull()) {
                return tried == null ? Waiter.Turn.FULL : Waiter.Turn.PASSED;
            }
            notFound(outcome());
        }
        waiting = null;
        return Waiter.Turn.OVER;
    }

    @Override
    public void onWaitedTooLong() {
        waiting = null;
        notFound(FlowOutcome.FULL);
    }

    private FlowOutcome outcome() {
        return hasFoundFull() && attempts == 0 ? FlowOutcome.FULL : FlowOutcome.REFUSED;
    }

    /// Begins to connect to an endpoint, past those that are full. True also when it came to its end by that.
    private boolean tryAttempt() {
        UpstreamSpec spec = terms.upstream().spec();
        full = null;
        while (attempts < spec.attempts()) {
            Endpoint chosen = terms.upstream().pick(this, System.nanoTime());
            if (chosen == null) {
                break;
            }
            if (chosen.tryOpenConnection()) {
                if (chosen.tryBegin()) {
                    if (tried != null) {
                        terms.upstream().retries().count(Retries.Reason.CONNECT);
                    }
                    connect(chosen);
                    return true;
                }
                chosen.connectionClosed();
            }
            full = with(full, chosen);
        }
        return false;
    }

    private static List<Endpoint> with(@Nullable List<Endpoint> before, Endpoint one) {
        List<Endpoint> list = before == null ? new ArrayList<>(4) : before;
        list.add(one);
        return list;
    }

    private void connect(Endpoint chosen) {
        endpoint = chosen;
        attempts++;
        attemptNanos = System.nanoTime();
        InetSocketAddress address = client.addressOf(chosen);
        if (chosen.spec().address().keepsPort()) {
            askedPort = address.getPort();
        }
        int timeoutMillis =
                Math.toIntExact(terms.upstream().spec().timeouts().connect().toMillis());
        var call = new Dial.Call(loop, chosen, address, timeoutMillis, terms.sockets(), source, from.getAddress());
        Dial next = plane.hasBareSockets() ? new SocketDial(call, this) : new ChannelDial(call, this);
        dial = next;
        next.begin();
    }

    @Override
    public void onConnected() {
        Endpoint chosen = endpoint;
        Dial connected = dial;
        assert chosen != null && connected != null;
        over = true;
        long now = System.nanoTime();
        chosen.connected();
        chosen.answered(now - attemptNanos, false, now);
        endRetry();
        owner.onFound(chosen, connected);
    }

    @Override
    public void onNotConnected(String cause, boolean isRefused) {
        Endpoint chosen = letGo();
        LOG.atDebug()
                .addKeyValue("endpoint", chosen)
                .addKeyValue("cause", cause)
                .log("endpoint cannot be connected");
        chosen.connectFailed(System.nanoTime(), isRefused);
        chosen.end();
        tried = with(tried, chosen);
        again();
    }

    /// Not one of the endpoint's failures: the next source is tried, or when all have been, the next endpoint.
    @Override
    public void onNoSource() {
        Endpoint chosen = letGo();
        chosen.end();
        plane.onNoSource();
        source++;
        if (++sourcesTried < terms.sockets().sourcesFor(chosen.address().getAddress()) && chosen.tryOpenConnection()) {
            attempts--;
            chosen.begin();
            connect(chosen);
            return;
        }
        sourcesTried = 0;
        tried = with(tried, chosen);
        again();
    }

    @Override
    public void onNoSocket(String cause) {
        Endpoint chosen = letGo();
        chosen.connectionClosed();
        chosen.end();
        attempts--;
        LOG.atWarn()
                .addKeyValue("listener", terms.spec().name())
                .addKeyValue("cause", cause)
                .log("no socket for a flow");
        notFound(FlowOutcome.REFUSED);
    }

    private Endpoint letGo() {
        Endpoint chosen = endpoint;
        assert chosen != null;
        endpoint = null;
        dial = null;
        return chosen;
    }

    /// The next endpoint, if there is one and the budget bears it.
    private void again() {
        int triedNow = tried == null ? 0 : tried.size();
        if (attempts >= terms.upstream().spec().attempts()
                || triedNow >= terms.upstream().endpoints().size()) {
            notFound(FlowOutcome.REFUSED);
            return;
        }
        if (retry == null) {
            retry = new Retry(this, loop, terms.upstream());
        }
        retry.begin();
    }

    /// The budget bore no retry for too long.
    void onNoRetry() {
        notFound(FlowOutcome.REFUSED);
    }

    private void endRetry() {
        if (retry != null) {
            retry.end();
        }
    }

    private void notFound(FlowOutcome outcome) {
        over = true;
        endRetry();
        owner.onNotFound(outcome);
    }
}
