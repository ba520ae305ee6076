package io.dockworker.execution;

import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import java.time.Duration;

/** What a verb makes of the engine's state. */
sealed interface Verdict {
    /** The goal holds. */
    record Achieved() implements Verdict {}

    /** It does not hold, and this would bring it about. */
    record Act(EngineCall call) implements Verdict {}

    /** It cannot be brought about without this image. */
    record NeedImage(ImageName image, ImagePull pull) implements Verdict {}

    /** It cannot be brought about. */
    record GiveUp(Outcome.Status status, Failure failure) implements Verdict {}

    /** The engine is between two states: look again. */
    record LookAgain(Duration after) implements Verdict {}

    static Verdict failed(Failure failure) {
        return new GiveUp(Outcome.Status.FAILED, failure);
    }
}
