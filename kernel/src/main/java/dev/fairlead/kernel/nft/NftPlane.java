package dev.fairlead.kernel.nft;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.kernel.NatPlane;
import dev.fairlead.kernel.SlotForecast;
import dev.fairlead.kernel.Watcher;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A listener whose flows nftables begins and conntrack carries on.
final class NftPlane extends NatPlane<Ledger> {
    private final NftCarrier carrier;

    // guarded by this
    private List<AddressRange> addresses;
    private @Nullable Placed placed;

    NftPlane(ListenerSpec spec, NftCarrier carrier, Upstreams upstreams, Metrics metrics) {
        super(spec, upstreams, metrics);
        this.carrier = carrier;
        this.addresses = spec.addresses();
    }

    @Override
    public Carrier carrier() {
        return Carrier.NFT;
    }

    @Override
    protected synchronized void begin() throws IOException {
        Table table = carrier.table(terms().family());
        Set<Door> doors = Door.of(terms());
        placed = table.claim(doors);
        book(new Ledger(terms(), tally(), carrier.journal(), table.hasClaimed(doors)));
        write();
    }

    @Override
    public synchronized void widen(ListenerSpec wider) throws IOException {
        Set<AddressRange> all = new LinkedHashSet<>(addresses);
        for (AddressRange each : wider.addresses()) {
            // One that has become wider or narrower takes the place of what it was.
            all.removeIf(before -> !before.equals(each) && before.clashesWith(each));
            all.add(each);
        }
        moveTo(List.copyOf(all));
    }

    @Override
    public synchronized void narrow(ListenerSpec narrower) {
        List<AddressRange> left = new ArrayList<>();
        for (AddressRange each : narrower.addresses()) {
            if (addresses.stream().anyMatch(each::clashesWith)) {
                left.add(each);
            }
        }
        try {
            moveTo(left);
        } catch (IOException failed) {
            complain(failed, "Linux did not let go of an address: flows may begin there still");
        }
    }

    private void moveTo(List<AddressRange> wanted) throws IOException {
        List<AddressRange> before = addresses;
        if (wanted.equals(before) || wanted.isEmpty()) {
            return;
        }
        addresses = wanted;
        try {
            if (isServing()) {
                write();
            }
        } catch (IOException failed) {
            addresses = before;
            throw failed;
        }
    }

    @Override
    protected synchronized void write() throws IOException {
        Table table = carrier.table();
        Ledger here = book();
        List<Share> shares = sharesAlike();
        Choice choice = choice(shares);
        List<Door> doors = List.copyOf(Door.of(terms().transport(), addresses));
        Part part = new Part(doors, choice, terms().sources(), terms().ageing());
        Counts before = table.counts();
        placed = table.put(placed, part);
        here.list(doors, shares, part.idleSeconds(), before);
        carrier.watch().add(here);
    }

    /// A rule leads to ports of endpoints or to those asked for. While a reload from one to the other waits for a name,
    /// there are both.
    private List<Share> sharesAlike() {
        boolean keepsPort = upstream().spec().keepsPort();
        return shares().stream()
                .filter(each -> each.endpoint().spec().address().keepsPort() == keepsPort)
                .toList();
    }

    private Choice choice(List<Share> shares) {
        return Choice.of(upstream().spec().balancer(), shares, book().seen(shares));
    }

    @Override
    public Forecast forecast(InetSocketAddress client) {
        Choice choice = choice(sharesAlike());
        return SlotForecast.of("nft", upstream(), choice.slots(), choice.slot(client));
    }

    @Override
    protected synchronized void stop() throws IOException {
        if (placed != null) {
            carrier.table().remove(placed);
            placed = null;
        }
    }

    @Override
    protected void remove(Ledger its) {
        carrier.watch().remove(its);
    }

    @Override
    protected Watcher<Ledger> watcher() {
        return carrier.watch();
    }

    @Override
    protected boolean outlives() {
        return carrier.outlives();
    }

    @Override
    protected long flowsMax() {
        return ConntrackRoom.most();
    }
}
