package dev.fairlead.kernel;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A listener whose packets a program of our own passes on, inside Linux. The maps of the program have its addresses,
/// its endpoints, and the table by which it chooses.
final class KernelPlane extends NatPlane<Roll> {
    private final KernelCarrier carrier;

    // guarded by this
    private final Set<Address> served = new LinkedHashSet<>();
    private @Nullable Service service;
    private int firstSource;

    KernelPlane(ListenerSpec spec, KernelCarrier carrier, Upstreams upstreams, Metrics metrics) {
        super(spec, upstreams, metrics);
        this.carrier = carrier;
    }

    @Override
    public Carrier carrier() {
        return Carrier.EBPF;
    }

    @Override
    protected void begin() throws IOException {
        carrier.checkEndpoints(upstream().spec());
        Engine engine = carrier.engine(terms().family());
        Found.Listener found = engine.claim(terms());
        int number = found == null ? engine.takeService() : found.number();
        book(new Roll(number, terms(), engine, tally(), carrier.journal(), found != null));
        try {
            begin(engine, number, found);
        } catch (IOException failed) {
            leave(List.copyOf(served));
            engine.giveBack(
                    number, firstSource, service == null ? 0 : service.sources().size());
            throw failed;
        }
    }

    @Override
    protected void checkUpstream(UpstreamSpec next) throws IOException {
        carrier.checkEndpoints(next);
    }

    private synchronized void begin(Engine engine, int number, Found.@Nullable Listener found) throws IOException {
        Service.PortRange ports = terms().sources().isEmpty() ? new Service.PortRange(0, 1) : PortRanges.free();
        boolean hasSources = false;
        if (found != null && found.sources().equals(terms().sources())) {
            hasSources = true;
            firstSource = found.firstSource();
        } else {
            firstSource = engine.takeSources(terms().sources().size());
        }
        Service begun = new Service(
                number,
                spec().addresses().getFirst().first().socketAddress(),
                terms().transport(),
                Slots.choice(upstream().spec().balancer()),
                terms().sources(),
                ports);
        service = begun;
        writeTable(engine);
        engine.need(Set.of(), Features.of(begun));
        serve(engine, begun, spec().eachAddress());
        if (found != null && !hasSources) {
            engine.giveBackSources(found.firstSource(), found.sources().size());
        }
    }

    @Override
    public synchronized void widen(ListenerSpec wider) throws IOException {
        if (isServing() && service != null) {
            serve(book().engine(), service, wider.eachAddress());
        }
    }

    @Override
    public synchronized void narrow(ListenerSpec narrower) {
        Set<Address> gone = new HashSet<>(served);
        narrower.eachAddress().forEach(gone::remove);
        leave(gone);
    }

    /// Flows begin at these addresses too.
    private void serve(Engine engine, Service serving, List<Address> wanted) throws IOException {
        Set<InetAddress> known = ips(served);
        List<Address> fresh =
                wanted.stream().filter(each -> !served.contains(each)).toList();
        try {
            for (Address each : fresh) {
                engine.tables().putService(serving.at(each.socketAddress()), firstSource);
                served.add(each);
            }
            for (InetAddress each : ips(fresh)) {
                if (!known.contains(each)) {
                    carrier.announce(each);
                }
            }
        } catch (IOException failed) {
            leave(fresh);
            throw failed;
        }
    }

    private void leave(Collection<Address> gone) {
        Tables tables = book().engine().tables();
        gone.forEach(each ->
                tables.removeService(each.socketAddress(), terms().transport().number()));
        served.removeAll(gone);
    }

    private static Set<InetAddress> ips(Collection<Address> of) {
        return of.stream().map(Address::ip).collect(Collectors.toSet());
    }

    /// What is told of it at all of its addresses.
    private void put(Engine engine, Service changed, int source) throws IOException {
        engine.need(Set.of(), Features.of(changed));
        for (Address each : served) {
            engine.tables().putService(changed.at(each.socketAddress()), source);
        }
    }

    /// Source addresses that are new have other places: until the service names them, flows begin with the old ones.
    private void moveSources(Engine engine, Service before) throws IOException {
        Service.PortRange ports = terms().sources().isEmpty() ? before.ports() : PortRanges.free();
        int first = engine.takeSources(terms().sources().size());
        Service after = new Service(
                before.id(), before.address(), before.transport(), before.choice(), terms().sources(), ports);
        try {
            put(engine, after, first);
        } catch (IOException refused) {
            engine.giveBackSources(first, after.sources().size());
            throw refused;
        }
        engine.giveBackSources(firstSource, before.sources().size());
        firstSource = first;
        service = after;
    }

    @Override
    protected synchronized void write() throws IOException {
        Engine engine = book().engine();
        if (service != null && !service.sources().equals(terms().sources())) {
            moveSources(engine, service);
        }
        int choice = Slots.choice(upstream().spec().balancer());
        Service changed = service == null || choice == service.choice() ? null : service.choosing(choice);
        if (changed != null) {
            // Before the table, which the old choice would read wrongly for as long as Linux refuses this.
            engine.need(Set.of(), Features.of(changed));
        }
        writeTable(engine);
        if (changed != null) {
            put(engine, changed, firstSource);
            service = changed;
        }
    }

    private void writeTable(Engine engine) throws IOException {
        Roll here = book();
        List<Share> shares = shares();
        List<Endpoint> endpoints = shares.stream().map(Share::endpoint).toList();
        int[] numbers = here.numbers(endpoints);
        here.writeUsable(endpoints);
        BalancerSpec balancer = upstream().spec().balancer();
        Slots.Seen seen = Slots.followsLoad(balancer) ? here.seen(shares) : Slots.Seen.nothing(shares.size());
        int[] slots = Slots.of(balancer, shares, seen);
        for (int i = 0; i < slots.length; i++) {
            slots[i] = numbers[slots[i]];
        }
        engine.tables().putTable(here.service(), slots);
    }

    @Override
    public Forecast forecast(InetSocketAddress client) {
        List<Share> shares = shares();
        return SlotForecast.of(upstream(), shares, book().seen(shares), client);
    }

    @Override
    protected synchronized void stop() {
        leave(List.copyOf(served));
    }

    @Override
    protected synchronized void remove(Roll its) {
        int sources = service == null ? 0 : service.sources().size();
        int first = firstSource;
        carrier.sweeper().remove(its, () -> its.engine().giveBack(its.service(), first, sources));
    }

    @Override
    protected Watcher<Roll> watcher() {
        return carrier.sweeper();
    }

    @Override
    protected boolean outlives() {
        return carrier.outlives();
    }

    @Override
    protected long flowsMax() {
        return book().engine().maxFlows();
    }
}
