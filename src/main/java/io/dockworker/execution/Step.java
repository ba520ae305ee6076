package io.dockworker.execution;

import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Intent;
import java.time.Duration;
import java.util.List;

/** What the shell is to do next for one piece of work. */
sealed interface Step {
    /** Put the intent on record; only then may the engine be touched. */
    record Commit(Intent intent) implements Step {}

    /** Put another intent in its place. */
    record Note(Intent intent) implements Step {}

    record Call(EngineCall call) implements Step {}

    record Inspect(List<String> namesOrIds) implements Step {}

    record EnsureImage(ImageName image, ImagePull pull) implements Step {}

    record Wait(Duration time) implements Step {}

    /** The end. */
    record Complete(Outcome outcome) implements Step {}
}
