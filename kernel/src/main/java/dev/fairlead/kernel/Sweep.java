package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.KernelMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One look through the kernel's table. Used once, by the sweeping thread.
final class Sweep {
    /// Entries that are read at once.
    static final int PIECE = 4096;

    private final Engine engine;
    private final Scratch scratch;
    private final List<Watched> watched = new ArrayList<>();
    private final Map<Integer, Watched> byService = new HashMap<>();

    // What has happened between the two is seen by this look, and by no other.
    private final long sinceNanos;
    private final long nowNanos;

    /// A listener, what the program had counted for it before, whose flows are cut, and what is seen of them.
    private record Watched(Roll roll, Map<Integer, Account.Count> counts, Set<Integer> cut, Roll.Sight sight) {
        static Watched of(Roll roll, Counters.Reader tallies) {
            return new Watched(roll, roll.readCounts(tallies), roll.takeCut(), new Roll.Sight());
        }
    }

    Sweep(Engine engine, Scratch scratch, Collection<Roll> all, long sinceNanos, long nowNanos) {
        this.engine = engine;
        this.scratch = scratch;
        this.sinceNanos = sinceNanos;
        this.nowNanos = nowNanos;
        scratch.refresh();
        for (Roll roll : all) {
            if (roll.engine() == engine) {
                Watched its = Watched.of(roll, scratch.tallies());
                watched.add(its);
                roll.services().forEach(each -> byService.put(each, its));
            }
        }
    }

    void run() throws IOException {
        for (FamilyMaps family : engine.families()) {
            for (KernelMap table : engine.flows(family)) {
                new Look(family, table).run();
            }
        }
        watched.forEach(each -> each.roll.settle(each.counts, each.sight, scratch.losses()));
    }

    /// A table of one version of IP.
    private final class Look {
        private final KernelMap table;
        private final FlowRead read;
        private final FlowRead twin;
        private final ByteBuffer key;
        private final ByteBuffer twinKey;
        private final ByteBuffer twinValue;
        private final List<byte[]> removed = new ArrayList<>();

        Look(FamilyMaps family, KernelMap table) {
            this.table = table;
            this.read = new FlowRead(family);
            this.twin = new FlowRead(family);
            this.key = table.key();
            this.twinKey = table.key();
            this.twinValue = table.value();
        }

        /// Nothing is removed while the table is read: that would move what comes next.
        void run() throws IOException {
            table.each(scratch.window(), PIECE, (keys, values, count) -> {
                for (int i = 0; i < count; i++) {
                    read.at(keys, values, i);
                    if (read.isFromEndpoint()) {
                        orphan();
                    } else {
                        flow();
                    }
                }
            });
            for (byte[] each : removed) {
                table.remove(key.put(0, each));
            }
        }

        private void flow() {
            Watched watched = byService.get(read.service());
            if (watched == null) {
                if (!engine.isUnclaimed(read.service())) {
                    remove(true);
                }
                return;
            }
            measure(watched.roll);
            Roll.Sight sight = watched.sight;
            FlowEnd end = watched.cut.contains(read.endpoint()) ? FlowEnd.DRAINED : over(watched.roll);
            if (end != null) {
                watched.roll.tally().ended(end, 1);
                record(watched.roll, end);
                sight.removed++;
                remove(true);
                return;
            }
            sight.entries++;
            sight.endpoints.add(read.endpoint());
            sight.services.add(read.service());
            if (!read.isClosed()) {
                sight.live.merge(read.endpoint(), 1, Integer::sum);
            }
        }

        private void measure(Roll roll) {
            long connect = isNews(read.answeredAtNanos()) ? read.connectNanos() : 0;
            long response = isNews(read.respondedAtNanos()) ? read.responseNanos() : 0;
            if (connect > 0 || response > 0) {
                roll.measured(read.endpoint(), connect, response, nowNanos);
            }
        }

        private boolean isNews(long atNanos) {
            return atNanos != 0 && atNanos - sinceNanos > 0 && atNanos - nowNanos <= 0;
        }

        private void record(Roll roll, FlowEnd end) {
            Terms terms = roll.terms();
            EndedFlow.Journal journal = roll.journal();
            if (journal == null) {
                return;
            }
            read.copyTwinKey(twinKey, 0);
            boolean hasTwin = table.get(twinKey, twinValue);
            twin.at(twinKey, twinValue, 0);
            long seen = hasTwin ? Math.max(read.seenNanos(), twin.seenNanos()) : read.seenNanos();
            journal.write(new EndedFlow(
                    terms.spec().name(),
                    terms.transport().name(),
                    read.source(),
                    terms.upstream(),
                    read.destination(),
                    read.connectNanos(),
                    read.responseNanos(),
                    Math.max(0, seen - read.beganNanos()),
                    read.bytes(),
                    hasTwin ? twin.bytes() : 0,
                    end.word()));
        }

        private @Nullable FlowEnd over(Roll roll) {
            Ageing ageing = roll.terms().ageing();
            FlowEnd end = ageing.over(read.flags(), read.isTcp(), nowNanos - read.seenNanos());
            if (end == null) {
                return null;
            }
            read.copyTwinKey(twinKey, 0);
            if (!table.get(twinKey, twinValue)) {
                return end;
            }
            long seen =
                    Math.max(read.seenNanos(), twin.at(twinKey, twinValue, 0).seenNanos());
            return ageing.over(read.flags(), read.isTcp(), nowNanos - seen);
        }

        /// An entry of the other direction goes with its twin; alone it is left when the table forgot that one.
        private void orphan() {
            Watched watched = byService.get(read.service());
            if (watched != null
                    && nowNanos - read.seenNanos()
                            < watched.roll.terms().ageing().idleNanos()) {
                return;
            }
            if (watched == null && engine.isUnclaimed(read.service())) {
                return;
            }
            read.copyTwinKey(twinKey, 0);
            if (watched == null || !table.get(twinKey, twinValue)) {
                remove(false);
            }
        }

        private void remove(boolean withTwin) {
            read.copyKey(key, 0);
            removed.add(bytes(key));
            if (withTwin) {
                read.copyTwinKey(twinKey, 0);
                removed.add(bytes(twinKey));
            }
        }

        private static byte[] bytes(ByteBuffer key) {
            byte[] bytes = new byte[key.capacity()];
            key.get(0, bytes);
            return bytes;
        }
    }
}
