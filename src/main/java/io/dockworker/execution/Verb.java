package io.dockworker.execution;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Outcome;
import io.dockworker.command.Target;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.Optional;

/** One kind of command: its goal, and what to do while the goal does not hold. Judges only; does nothing itself. */
interface Verb {
    /**
     * Judges the container as it is.
     *
     * @param intent what was on record before the engine was touched; empty while it has not been
     * @param seen   empty where the engine has no such container
     */
    Verdict judge(Work work, Optional<Intent> intent, Optional<ContainerSnapshot> seen);

    /** Whether a container found under the work's subject is the one that the command is about. */
    default boolean concerns(Work work, ContainerSnapshot container) {
        return work.container().filter(container.id()::equals).isPresent();
    }

    /** Judges a refusal; the container's state has not changed by the refused call. */
    Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal);

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
