package io.dockworker.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicLong nanos = new AtomicLong();
    private final Heartbeat beat = new Heartbeat(() -> {
        if (away.get()) {
            throw new IllegalStateException("away");
        }
    }, EVERY, nanos::get);

    @Test
    void onlyAWorkerThatWasHeardAllAlongMayCallAnotherLost() {
        List<Boolean> steady = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            steady.add(beatOnce());
        }
        assertEquals(List.of(false, false, true, true), steady);

        // The database freezes, the beat hangs in it, and comes through when it thaws.
        nanos.addAndGet(EVERY.multipliedBy(6).toNanos());
        assertFalse(beat.isSteady());
        assertFalse(beatOnce());

        away.set(true);
        assertThrows(IllegalStateException.class, beat::runOnce);
        away.set(false);
        assertEquals(List.of(false, true), List.of(beatOnce(), beatOnce()));
    }

    private boolean beatOnce() {
        nanos.addAndGet(EVERY.toNanos());
        beat.runOnce();
        return beat.isSteady();
    }
}
