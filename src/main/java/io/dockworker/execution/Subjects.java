package io.dockworker.execution;

import io.dockworker.command.ContainerId;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.journal.Work;
import java.time.Duration;

/** What the verbs for an existing container share. */
final class Subjects {
    static final Duration BETWEEN_STATES = Duration.ofMillis(200);

    private Subjects() {}

    static Failure gone(Work work) {
        return Failure.of(ErrorCode.NOT_FOUND,
                "the container " + work.container().map(ContainerId::abbreviated).orElse("") + " is gone");
    }

    static Verdict refused(EngineCall call, ContainerEngine.Answer.Refused refusal) {
        return switch (refusal.reason()) {
            // The container, or something that it needs, such as its network: the engine says which.
            case NOT_FOUND -> Verdict.failed(Failure.of(ErrorCode.NOT_FOUND, refusal.message()));
            // The engine is changing the container's state, or the state has changed under us: judge what it is now.
            case CONFLICT -> new Verdict.LookAgain(BETWEEN_STATES);
            // Of a start, what it runs is at fault, and it was tried.
            case INVALID -> call instanceof EngineCall.Start
                    ? Verdict.failed(Complaints.refusal(refusal.message()))
                    : Verdict.refused(refusal.message());
        };
    }
}
