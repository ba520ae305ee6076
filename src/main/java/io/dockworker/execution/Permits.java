package io.dockworker.execution;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How many calls of each kind the engine gets at once. More would only wait inside the engine. A stop holds its permit
 * only while it begins: then it waits for its container's grace period, which costs the engine nothing, and nobody may
 * wait behind it.
 */
final class Permits {
    /** The engine's throughput stops growing between four and eight, as measured with containers made and started at once. */
    private static final int AT_ONCE = 8;

    private static final int STOPS_BEGINNING = 8 * AT_ONCE;
    /** More than the engine needs to send a signal. */
    private static final Duration BEGUN_AFTER = Duration.ofMillis(250);

    private final Semaphore creating = new Semaphore(AT_ONCE);
    private final Semaphore removing = new Semaphore(AT_ONCE);
    private final Semaphore stopping = new Semaphore(STOPS_BEGINNING);
    private final Semaphore changing = new Semaphore(AT_ONCE);
    /** Each look holds a connection to the engine, and is over in a millisecond. */
    private final Semaphore looking = new Semaphore(4 * AT_ONCE);

    /** Something that is done while holding a permit. */
    interface Permitted<T> {
        T run();
    }

    <T> T during(EngineCall call, Permitted<T> action) throws InterruptedException {
        return switch (call) {
            case EngineCall.Create _,EngineCall.Start _,EngineCall.Connect _ -> holding(creating, action);
            case EngineCall.Remove _ -> holding(removing, action);
            case EngineCall.Pause _,EngineCall.Unpause _,EngineCall.Kill _,EngineCall.Rename _,EngineCall.Update _ ->
                holding(changing, action);
            case EngineCall.Stop _ -> beginning(stopping, action);
        };
    }

    <T> T whileLooking(Permitted<T> look) throws InterruptedException {
        return holding(looking, look);
    }

    private static <T> T beginning(Semaphore permits, Permitted<T> action) throws InterruptedException {
        permits.acquire();
        var held = new AtomicBoolean(true);
        Runnable giveBack = () -> {
            if (held.compareAndSet(true, false)) {
                permits.release();
            }
        };
        CompletableFuture.delayedExecutor(BEGUN_AFTER.toMillis(), TimeUnit.MILLISECONDS).execute(giveBack);
        try {
            return action.run();
        } finally {
            giveBack.run();
        }
    }

    private static <T> T holding(Semaphore permits, Permitted<T> action) throws InterruptedException {
        permits.acquire();
        try {
            return action.run();
        } finally {
            permits.release();
        }
    }
}
