package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class PermitsTest {
    private static final int MANY = 500;

    private final Permits permits = new Permits();

    /** Each waits for all others, as containers do that take their whole grace period. */
    @Test
    void aStopInItsGracePeriodKeepsNobodyWaiting() throws Exception {
        var stop = new EngineCall.Stop(new ContainerId("a".repeat(64)), Optional.of(Duration.ofHours(1)),
                Optional.empty());
        var allStop = new CountDownLatch(MANY);
        List<Thread> lanes = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            lanes.add(Thread.startVirtualThread(() -> stop(stop, allStop)));
        }
        boolean stopped = allStop.await(1, TimeUnit.MINUTES);
        lanes.forEach(Thread::interrupt);
        assertTrue(stopped, allStop::toString);
    }

    private void stop(EngineCall.Stop stop, CountDownLatch allStop) {
        try {
            permits.during(stop, () -> {
                allStop.countDown();
                LockSupport.park();
                return true;
            });
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
