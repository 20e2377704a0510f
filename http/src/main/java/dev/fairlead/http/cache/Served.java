package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.net.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Those who are given the response of one fill, each on a loop of its own. The fill's loop only.
final class Served {
    private final List<Serving> all = new ArrayList<>(1);

    void add(Serving serving) {
        all.add(serving);
    }

    void remove(Serving serving) {
        all.remove(serving);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /// Whoever has waited longest; null when nobody is left.
    @Nullable
    Serving first() {
        return all.isEmpty() ? null : all.getFirst();
    }

    /// As they are now: some may leave meanwhile.
    List<Serving> list() {
        return List.copyOf(all);
    }

    List<Serving> without(@Nullable Serving one) {
        return all.stream().filter(each -> !each.equals(one)).toList();
    }

    /// Pieces of the body that everybody has; `otherwise` when nobody is there.
    int slowest(int otherwise) {
        int least = otherwise;
        for (int i = 0; i < all.size(); i++) {
            least = Math.min(least, all.get(i).taken());
        }
        return least;
    }

    /// This is what they wait for: `leader`, in whose name it was asked for, has what `asked` took, and whoever it is
    /// not for asks for himself.
    void start(Entry entry, @Nullable Serving leader, Exchange asked, Outcome ofLeader, Outcome ofOthers, String told) {
        String toldOthers = ofOthers == Outcome.COLLAPSED ? told + "; collapsed" : told;
        for (Serving serving : list()) {
            if (serving.equals(leader)) {
                // Held before it hears of it: it may be let go here meanwhile.
                entry.body().hold();
                on(serving, () -> {
                    serving.exchange().tookFrom(asked);
                    serving.start(entry, ofLeader, told);
                });
            } else if (entry.vary().matches(serving.exchange().request().fields())) {
                entry.body().hold();
                on(serving, () -> serving.start(entry, ofOthers, toldOthers));
            } else {
                all.remove(serving);
                on(serving, () -> serving.goAlone("vary-miss"));
            }
        }
    }

    /// On the loop of each, now or soon.
    void each(Consumer<Serving> act) {
        for (Serving serving : list()) {
            on(serving, () -> act.accept(serving));
        }
    }

    static void on(Serving serving, Runnable act) {
        on(serving.lane().loop(), act);
    }

    static void on(Loop loop, Runnable act) {
        if (loop.isHere()) {
            act.run();
        } else {
            loop.eventLoop().execute(act);
        }
    }
}
