package dev.fairlead.kernel;

import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Who wants to know of the flows of one listener. Only those that may be among the first are kept: a table may have
/// millions. What goes wrong with one is not the others' fault. The sweeping thread, but for the answer.
final class FlowsAsked {
    private static final int ROOM_MIN = 64;

    private final Roll roll;
    private final FlowQuestion question;
    private final int room;
    private final List<LiveFlow> flows = new ArrayList<>();
    private final CompletableFuture<List<LiveFlow>> answer = new CompletableFuture<>();

    FlowsAsked(Roll roll, FlowQuestion question) {
        this.roll = roll;
        this.question = question;
        // So much more than is asked for that it is seldom put in order.
        this.room = Math.max(ROOM_MIN, 2 * question.count());
    }

    Roll roll() {
        return roll;
    }

    CompletableFuture<List<LiveFlow>> answer() {
        return answer;
    }

    /// How many flows are kept now.
    int kept() {
        return flows.size();
    }

    /// `flow` is only made when it is of a client that is asked for.
    void offer(InetSocketAddress client, Supplier<LiveFlow> flow) {
        if (answer.isDone()) {
            return;
        }
        try {
            if (question.concerns(client)) {
                flows.add(flow.get());
                if (flows.size() >= room) {
                    keepFirst();
                }
            }
        } catch (RuntimeException broken) {
            fail(broken);
        }
    }

    private void keepFirst() {
        List<LiveFlow> first = question.first(flows.stream());
        flows.clear();
        flows.addAll(first);
    }

    /// With what was offered.
    void complete() {
        try {
            answer.complete(question.first(flows.stream()));
        } catch (RuntimeException broken) {
            fail(broken);
        }
    }

    void fail(Throwable reason) {
        flows.clear();
        answer.completeExceptionally(reason);
    }
}
