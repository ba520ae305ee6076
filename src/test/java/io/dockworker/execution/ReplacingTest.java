package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Outcome;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of the old container and of the new one, whatever goes wrong between them. */
class ReplacingTest extends DeciderScript {
    @Test
    void aReplacementThatIsRefusedIsRejectedOnlyWhereNothingHadToBeUndone() {
        Observation refused = new Observation.Answered(new Answer.Refused(Answer.Reason.INVALID, "no"));
        ContainerSnapshot up = snapshot("web", ContainerStatus.RUNNING, Optional.of(EARLIER), Map.of());
        ContainerSnapshot down = snapshot("web", ContainerStatus.EXITED, Optional.of(EARLIER), Map.of());
        for (Command.Replace.Order order : Command.Replace.Order.values()) {
            Work work = with(SPEC, work(new Command.Replace(HEADER, new Target.One("web"),
                    new SpecChange(SPEC, Set.of(SpecField.COMMAND)), Optional.of(order)), 0, Optional.empty()));
            begun(work, seen(up));
            after(IMAGE, seen(up));
            EngineCall first = call(after(COMMITTED));
            if (order == Command.Replace.Order.START_FIRST) {
                assertInstanceOf(EngineCall.Create.class, first);
                failure(after(refused), Outcome.Status.REJECTED, ErrorCode.INVALID_COMMAND);
            } else {
                after(DONE);
                assertInstanceOf(EngineCall.Create.class, call(after(alone(down))));
                assertInstanceOf(Step.Note.class, after(refused));
                after(new Observation.Noted());
                assertInstanceOf(EngineCall.Start.class, call(after(alone(down))));
                after(DONE);
                failure(after(alone(up)), Outcome.Status.FAILED, ErrorCode.INVALID_COMMAND);
            }
        }
    }

    /** What is left of the old one is on its way out, or nothing can be done with it. */
    @Test
    void aReplacementKeepsTheNewContainerWhereTheOldOneCannotComeBack() {
        for (ContainerStatus left : List.of(ContainerStatus.REMOVING, ContainerStatus.DEAD)) {
            now = NOW;
            begun(with(SPEC, work(new Command.Replace(HEADER, new Target.One("web"),
                    new SpecChange(SPEC, Set.of(SpecField.COMMAND)), Optional.of(Command.Replace.Order.START_FIRST)), 0,
                    Optional.empty())), seen(old(ContainerStatus.RUNNING)));
            after(IMAGE, seen(old(ContainerStatus.RUNNING)), COMMITTED, DONE);
            assertInstanceOf(Step.Note.class, after(beside(ContainerStatus.RUNNING)));
            after(new Observation.Noted());
            assertInstanceOf(EngineCall.Stop.class, call(after(beside(ContainerStatus.RUNNING))));
            after(DONE);
            assertInstanceOf(EngineCall.Remove.class, call(after(beside(ContainerStatus.EXITED))));
            assertInstanceOf(Step.Wait.class, settled(complaint("device or resource busy"), beside(left)));
            now = DEADLINE;
            after(WAITED);
            Outcome outcome = outcome(after(beside(left)),
                    left == ContainerStatus.DEAD ? Outcome.Status.UNKNOWN : Outcome.Status.FAILED);
            Completion end = Ending.of(run, outcome, 1, Optional.of(NOW), Map.of(), NOW);
            assertEquals(Optional.of(NEW), end.laneHolds());
            assertEquals(Optional.of(SPEC), end.spec());
        }
    }

    @Test
    void whatTookOverIsNotJudgedAgainAndWhatDidNotStaysWhereTheOldOneIsGone() {
        Intent intent = new Intent(Optional.of(old(ContainerStatus.RUNNING)));
        Failure why = Failure.of(ErrorCode.PORT_IN_USE, "why");
        Observation gone = new Observation.Looked(List.of(new Inspection.Absent(),
                new Inspection.Seen(ended(young(), NOW)), new Inspection.Absent()));
        Observation going = new Observation.Looked(List.of(new Inspection.Seen(old(ContainerStatus.REMOVING)),
                new Inspection.Seen(ended(young(), NOW)), new Inspection.Seen(old(ContainerStatus.REMOVING))));
        resumed(intent.foundWell());
        assertInstanceOf(Step.Wait.class, settled(going));
        after(WAITED);
        assertInstanceOf(EngineCall.Rename.class, call(after(gone)));
        resumed(intent);
        failure(settled(gone), Outcome.Status.FAILED, ErrorCode.INVALID_STATE);
        resumed(intent.undone(why));
        failure(settled(gone), Outcome.Status.FAILED, ErrorCode.PORT_IN_USE);
    }

    /** A replacement in its second life. */
    private void resumed(Intent intent) {
        now = NOW;
        Work work = work(new Command.Replace(HEADER, new Target.One("web"),
                new SpecChange(SPEC, Set.of(SpecField.COMMAND)), Optional.of(Command.Replace.Order.START_FIRST)), 1,
                Optional.of(intent));
        run = Run.of(new Work(work.key(), work.command(), work.host(), work.lane(), work.seq(), work.container(), true,
                Optional.of(SPEC), Optional.of("spec"), work.messageKey(), 1, 0, work.intent(), work.receivedAt(),
                work.deadlineAt(), work.expiresAt(), work.startedAt(), work.readAt(), 0));
        assertInstanceOf(Step.Commit.class, after(new Observation.Handed()));
        after(COMMITTED);
    }

    /** The step after looks that all agree. */
    private Step settled(Observation look) {
        after(look, WAITED, look, WAITED);
        return after(look);
    }

    private static ContainerSnapshot ended(ContainerSnapshot container, Instant at) {
        return container.with(ContainerState.of(ContainerStatus.EXITED, container.startedAt(), Optional.of(at), 3));
    }

    private static ContainerSnapshot old(ContainerStatus status) {
        return snapshot("web", status, Optional.of(EARLIER), Map.of());
    }

    /** The old one, and a new one that has run for long enough. */
    private static Observation beside(ContainerStatus status) {
        return new Observation.Looked(List.of(new Inspection.Seen(old(status)), new Inspection.Seen(young()),
                new Inspection.Seen(old(status))));
    }

    private static ContainerSnapshot young() {
        ContainerSnapshot young = snapshot("web-new", ContainerStatus.RUNNING, Optional.of(EARLIER), OURS);
        return new ContainerSnapshot(NEW, young.name(), young.image(), young.imageId(), young.createdAt(),
                young.state(), young.labels(), young.ports(), young.networks(), young.limits());
    }

    /** There is no new container beside it. */
    private static Observation alone(ContainerSnapshot old) {
        return new Observation.Looked(
                List.of(new Inspection.Seen(old), new Inspection.Absent(), new Inspection.Seen(old)));
    }

    private static Work with(ContainerSpec spec, Work work) {
        return new Work(work.key(), work.command(), work.host(), work.lane(), work.seq(), work.container(),
                work.hadContainer(), Optional.of(spec), Optional.of("spec"), work.messageKey(), 0, 0, work.intent(),
                work.receivedAt(), work.deadlineAt(), work.expiresAt(), work.startedAt(), work.readAt(), 0);
    }
}
