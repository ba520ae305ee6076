package io.dockworker.execution;

import io.dockworker.command.ImageName;
import io.dockworker.command.Outcome;
import io.dockworker.command.PullPolicy;
import io.dockworker.journal.Intent;
import java.time.Duration;

/** What the shell is to do next for one piece of work. */
sealed interface Step {
    /** Put the intent on record; only then may the engine be touched. */
    record Commit(Intent intent) implements Step {}

    record Call(EngineCall call) implements Step {}

    record Inspect(String nameOrId) implements Step {}

    record EnsureImage(ImageName image, PullPolicy policy) implements Step {}

    record Wait(Duration time) implements Step {}

    /** The end. */
    record Complete(Outcome outcome) implements Step {}
}
