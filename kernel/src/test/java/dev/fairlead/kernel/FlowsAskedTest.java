package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.upstream.FlowOrder;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Why;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FlowsAskedTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    @Test
    void keepsFewOfManyAndAnswersWithTheFirst() {
        var question = new FlowQuestion(FlowOrder.BYTES, 20, null);
        FlowsAsked asked = asked(question);
        List<LiveFlow> all = new ArrayList<>();
        var random = new Random(7);
        int most = 0;
        for (int i = 0; i < 100_000; i++) {
            LiveFlow flow = flow(i, random.nextInt(50_000));
            all.add(flow);
            asked.offer(CLIENT, () -> flow);
            most = Math.max(most, asked.kept());
        }

        asked.complete();

        assertThat(most).isLessThan(100);
        assertThat(asked.answer().join()).isEqualTo(question.first(all.stream()));
    }

    @Test
    void failsAloneWhenAFlowOfItCannotBeTold() {
        FlowsAsked broken = asked(new FlowQuestion(FlowOrder.AGE, 1, null));
        FlowsAsked other = asked(new FlowQuestion(FlowOrder.AGE, 1, null));

        for (FlowsAsked each : List.of(broken, other)) {
            each.offer(CLIENT, () -> {
                if (each == broken) {
                    throw new IllegalStateException("on purpose");
                }
                return flow(1, 1);
            });
        }
        broken.complete();
        other.complete();

        assertThat(broken.answer()).isCompletedExceptionally();
        assertThat(other.answer().join()).containsExactly(flow(1, 1));
    }

    @SuppressWarnings("NullAway") // Nobody asks for its listener here.
    private static FlowsAsked asked(FlowQuestion question) {
        return new FlowsAsked(null, question);
    }

    private static LiveFlow flow(int port, long bytes) {
        return new LiveFlow("db", "127.0.0.1:" + port, "app", "one", port, bytes, 0, bytes, Why.BALANCER);
    }
}
