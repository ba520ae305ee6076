package io.dockworker.bench;

import java.time.Duration;
import java.util.Random;

/** When each worker is to be killed, drawn from a seed. */
final class KillPlan {
    private final Random random;

    KillPlan(long seed) {
        this.random = new Random(seed);
    }

    /** An instant in a worker's life. */
    sealed interface Moment {
        /** While it starts. */
        record Starting(Duration after) implements Moment {}

        /** While it works, and perhaps has not settled yet what the one before left in doubt. */
        record Working(Duration after) implements Moment {}

        /** When all has ended that was open when it came. Who never lived so long would end nothing. */
        record Recovered(Duration after) implements Moment {}

        /** When the engine tells that something has happened, which the worker may not know yet. */
        record AtEvent(String action, Duration after) implements Moment {}
    }

    Moment next() {
        int draw = random.nextInt(100);
        if (draw < 8) {
            return new Moment.Starting(millis(1_500));
        } else if (draw < 25) {
            return new Moment.Working(millis(2_000));
        } else if (draw < 60) {
            return new Moment.Recovered(millis(500));
        }
        // An event comes at its act; the answer, the completion and the publishing follow within some ten milliseconds.
        return new Moment.AtEvent(random.nextBoolean() ? "create" : "start",
                random.nextBoolean() ? Duration.ZERO : millis(40));
    }

    private Duration millis(int below) {
        return Duration.ofMillis(random.nextInt(below));
    }
}
