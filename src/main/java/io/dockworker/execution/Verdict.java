package io.dockworker.execution;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Intent;
import java.time.Duration;

/** What a verb makes of the engine's state. */
sealed interface Verdict {
    /** The goal holds. */
    record Achieved() implements Verdict {}

    /** It does not hold, and this would bring it about. */
    record Act(EngineCall call) implements Verdict {}

    /** It cannot be brought about without this image. */
    record NeedImage(ImageName image, ImagePull pull) implements Verdict {}

    /** This is to be on record before anything else is done. */
    record Note(Intent intent) implements Verdict {}

    /** It cannot be brought about. */
    record GiveUp(Outcome.Status status, Failure failure) implements Verdict {}

    /** The engine is between two states: look again. */
    record LookAgain(Duration after) implements Verdict {}

    /** Of the first call of a command, which the engine will not take as it is: nothing was touched. */
    static Verdict refused(String complaint) {
        Failure failure = Complaints.refusal(complaint);
        return failure.code() == ErrorCode.INVALID_COMMAND
                ? new GiveUp(Outcome.Status.REJECTED, failure)
                : failed(failure);
    }

    /** Failed, or {@code unknown} where the failure is that nobody knows. */
    static Verdict failed(Failure failure) {
        return new GiveUp(failure.code() == ErrorCode.OUTCOME_UNKNOWN ? Outcome.Status.UNKNOWN : Outcome.Status.FAILED,
                failure);
    }
}
