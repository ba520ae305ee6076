package io.dockworker.execution;

import java.util.concurrent.Semaphore;

/**
 * How many calls of each kind the engine gets at once. More would only wait inside the engine. A stop has no limit: it
 * waits for its container's grace period, which costs the engine nothing, and nobody may wait behind it.
 */
final class Permits {
    /** The engine's throughput stops growing between four and eight, as measured with containers made and started at once. */
    private static final int AT_ONCE = 8;

    private final Semaphore creating = new Semaphore(AT_ONCE);
    private final Semaphore removing = new Semaphore(AT_ONCE);
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
            case EngineCall.Stop _ -> action.run();
        };
    }

    <T> T whileLooking(Permitted<T> look) throws InterruptedException {
        return holding(looking, look);
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
