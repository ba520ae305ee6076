package io.dockworker.docker;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Waits for work no longer than it should: over a unix socket no timeout of the HTTP library ever fires. */
final class Patience {
    private Patience() {}

    /**
     * Runs the work on a virtual thread of its own and interrupts it when the limit has passed, which closes its
     * connection.
     */
    static <T> T within(Duration limit, Callable<T> work)
            throws TimeoutException, ExecutionException, InterruptedException {
        // Saturates: a grace period of a thousand years is silly, but no reason to throw.
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(limit);
        return whileLeft(() -> end - System.nanoTime(), work);
    }

    /** The same under a limit that the work itself pushes on. */
    static <T> T whileLeft(LongSupplier nanosLeft, Callable<T> work)
            throws TimeoutException, ExecutionException, InterruptedException {
        var task = new FutureTask<T>(work);
        Thread.ofVirtual().name("docker-call").start(task);
        try {
            while (true) {
                long left = nanosLeft.getAsLong();
                try {
                    return task.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (nanosLeft.getAsLong() <= 0) {
                        throw e;
                    }
                }
            }
        } finally {
            task.cancel(true);
        }
    }
}
