package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Outcome;
import io.dockworker.command.Target;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.List;
import java.util.Optional;

/** One kind of command: its goal, and what to do while the goal does not hold. Judges only; does nothing itself. */
interface Verb {
    static Verb of(Command command) {
        return switch (command) {
            case Command.Create create -> new Creating(create);
            case Command.Start start -> new Starting(start.target());
            case Command.Stop stop -> new Stopping(stop);
            case Command.Restart restart -> new Restarting(restart);
            case Command.Pause pause -> new Pausing(pause.target());
            case Command.Unpause unpause -> new Unpausing(unpause.target());
            case Command.Kill kill -> new Killing(kill);
            case Command.Remove remove -> new Removing(remove);
            case Command.Rename rename -> new Renaming(rename);
            case Command.Update update -> new Updating(update);
            case Command.Replace replace -> new Replacing(replace);
            case Command.Pull pull -> new Pulling(pull);
            case Command.Cancel cancel -> throw new IllegalArgumentException("acceptance ends " + cancel.id());
        };
    }

    /** The containers to look at, by id where that is known, else by name. */
    default List<String> subjects(Work work, Optional<Intent> intent) {
        return List.of(work.subject());
    }

    /** Judges what was seen. */
    Verdict judge(Situation situation);

    /** The container that the command's result is about, of those found under the subjects. */
    default Optional<ContainerSnapshot> shown(Work work, List<Optional<ContainerSnapshot>> looks) {
        return looks.getFirst().filter(container -> work.container().filter(container.id()::equals).isPresent());
    }

    /** Judges a refusal; the container's state has not changed by the refused call. */
    Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal);

    /** Judges what the engine said to a call that has had no effect. */
    default Failure complained(Work work, String complaint) {
        return Complaints.failure(complaint);
    }

    /** Whether the act may be done again when nobody knows whether it was; else its outcome is unknown then. */
    default boolean isRepeatable() {
        return true;
    }

    /** Whether to have its image is all there is to do, so that with this it begins. */
    default boolean isOfImage() {
        return false;
    }

    /** Whether a failure after the first act is undone before it is told. */
    default boolean isUndone() {
        return false;
    }

    /** What a lane without a container means: nobody's name, or somebody else's container. */
    static Verdict unclaimed(Work work, Target target, Optional<ContainerSnapshot> seen) {
        String reference = work.subject();
        if (target instanceof Target.AllOf) {
            // One of many that its image named, whose container was never made or is removed since: nothing is left.
            return new Verdict.Achieved();
        }
        if (seen.isPresent() && !seen.get().isManaged()) {
            return new Verdict.GiveUp(Outcome.Status.REJECTED, Failure.at("/target", ErrorCode.NOT_MANAGED,
                    "the container " + reference + " was not made by Dockworker (it has no managed-by label)"));
        }
        return Verdict.failed(Failure.at("/target", ErrorCode.NOT_FOUND, "there is no container " + reference));
    }
}
