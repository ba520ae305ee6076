package io.dockworker.docker;

import io.dockworker.execution.EngineCall;
import java.time.Duration;

/**
 * How long the engine may take.
 *
 * @param quick       for reading
 * @param change      for what is done at once, such as a signal or a new name
 * @param stopMargin  beyond the grace period
 * @param pullSilence between two signs of progress of a pull, however long it takes in all
 */
record Deadlines(Duration quick, Duration create, Duration start, Duration change, Duration remove, Duration stopMargin,
        Duration pullSilence) {
    static final Deadlines STANDARD = new Deadlines(Duration.ofSeconds(10), Duration.ofSeconds(60),
            Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofSeconds(120), Duration.ofSeconds(30),
            Duration.ofSeconds(60));
    /** The engine's own, for a container that names none. */
    static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    Duration of(EngineCall call) {
        return switch (call) {
            case EngineCall.Create _ -> create;
            case EngineCall.Connect _,EngineCall.Pause _,EngineCall.Unpause _,EngineCall.Kill _,EngineCall.Rename _,EngineCall.Update _ ->
                change;
            case EngineCall.Start _ -> start;
            case EngineCall.Stop stop -> stop.gracePeriod().orElse(DEFAULT_GRACE).plus(stopMargin);
            case EngineCall.Remove _ -> remove;
        };
    }
}
