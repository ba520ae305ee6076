package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.Labels;
import io.dockworker.command.Limits;
import io.dockworker.command.Outcome;
import io.dockworker.command.Target;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brings observations to the core one after the other, and looks at the step that follows each. */
abstract class DeciderScript {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final Instant EARLIER = NOW.minusSeconds(60);
    static final Instant DEADLINE = NOW.plusSeconds(60);
    static final ContainerId ID = new ContainerId("a1".repeat(32));
    static final ContainerId NEW = new ContainerId("b2".repeat(32));
    static final ContainerName NAME = new ContainerName("web");
    static final ContainerSpec SPEC = ContainerSpec.of(new ImageName("fake/tools:1")).with(NAME);
    static final Header HEADER = Header.of(new CommandId("c1"));
    static final Target WEB = new Target.One("web");
    static final Command CREATE = new Command.Create(HEADER, SPEC, 1, true);
    static final Command START = new Command.Start(HEADER, WEB);
    static final Command STOP = new Command.Stop(HEADER, WEB, Optional.empty(), Optional.empty());
    static final Command REMOVE = new Command.Remove(HEADER, WEB, false, false);
    static final Map<String, String> OURS = Map.of(Labels.MANAGED_BY, "fake/tools:1", Labels.COMMAND_ID, "c1",
            Labels.HOST, "host-a", Labels.SPEC_HASH, "spec");
    static final Observation ABSENT = new Observation.Looked(List.of(new Inspection.Absent()));
    static final Observation AWAY = new Observation.Looked(List.of(new Inspection.Away("unplugged")));
    static final Observation LOST = new Observation.Answered(new Answer.Unknown("reset"));
    static final Observation DONE = new Observation.Answered(new Answer.Done(Optional.empty()));
    static final Observation NOT_SENT = new Observation.Answered(new Answer.NotSent("refused"));
    static final Observation COMMITTED = new Observation.Committed();
    static final Observation WAITED = new Observation.Waited();
    static final Observation IMAGE = new Observation.Image(new ImagePresence.Present(false));

    Run run;
    Instant now = NOW;

    /** The step after a first look. */
    Step begun(Command command, Observation look) {
        return begun(work(command, 0, Optional.empty()), look);
    }

    Step begun(Work work, Observation look) {
        run = Run.of(work);
        assertInstanceOf(Step.Inspect.class, after(new Observation.Handed()));
        return after(look);
    }

    /** Up to the first call, for a container that is there. */
    void calling(Command command) {
        calling(command, exited(EARLIER));
    }

    void calling(Command command, ContainerSnapshot container) {
        begun(command, seen(container));
        call(after(COMMITTED));
    }

    /** Up to the call that creates. */
    void creating() {
        begun(CREATE, ABSENT);
        after(IMAGE, ABSENT);
        call(after(COMMITTED));
    }

    /** The step after an answer that left a doubt, and looks that all agree. */
    Step settled(Observation answer, Observation look) {
        after(answer, look, WAITED, look, WAITED);
        return after(look);
    }

    void after(Observation first, Observation... more) {
        after(first);
        for (Observation observation : more) {
            after(observation);
        }
    }

    Step after(Observation observation) {
        Decider.Move move = Decider.next(run, observation, now);
        run = move.run();
        return move.step();
    }

    static EngineCall call(Step step) {
        return assertInstanceOf(Step.Call.class, step).call();
    }

    static Outcome outcome(Step step, Outcome.Status status) {
        Outcome outcome = assertInstanceOf(Step.Complete.class, step).outcome();
        assertEquals(status, outcome.status(), outcome::toString);
        return outcome;
    }

    static Outcome failure(Step step, Outcome.Status status, ErrorCode code) {
        Outcome outcome = outcome(step, status);
        assertEquals(code, outcome.failure().orElseThrow().code());
        return outcome;
    }

    static Observation seen(ContainerSnapshot container) {
        return new Observation.Looked(List.of(new Inspection.Seen(container)));
    }

    static Observation complaint(String words) {
        return new Observation.Answered(new Answer.Unknown("500", Optional.of(words)));
    }

    static Observation refused(Answer.Reason reason) {
        return new Observation.Answered(new Answer.Refused(reason, "no"));
    }

    static ContainerSnapshot running(Instant startedAt) {
        return snapshot("web", ContainerStatus.RUNNING, Optional.of(startedAt), OURS);
    }

    static ContainerSnapshot exited(Instant startedAt) {
        return snapshot("web", ContainerStatus.EXITED, Optional.of(startedAt), OURS);
    }

    static ContainerSnapshot made(Map<String, String> labels) {
        return snapshot("web", ContainerStatus.CREATED, Optional.empty(), labels);
    }

    static ContainerSnapshot snapshot(String name, ContainerStatus status, Optional<Instant> startedAt,
            Map<String, String> labels) {
        return new ContainerSnapshot(ID, name, "fake/tools:1", "sha256:0", EARLIER,
                ContainerState.of(status, startedAt,
                        status == ContainerStatus.EXITED ? startedAt : Optional.empty(), 0),
                labels, Map.of(), Set.of(), Limits.NONE);
    }

    static Work work(Command command, int attempts, Optional<Intent> intent) {
        return work(command, attempts, 0, intent);
    }

    static Work work(Command command, int attempts, int cut, Optional<Intent> intent) {
        boolean create = command instanceof Command.Create;
        return new Work(new WorkKey(command.id(), 0), command, new HostId("host-a"), 1, 2,
                create ? Optional.empty() : Optional.of(ID), !create, Optional.empty(),
                create ? Optional.of("spec") : Optional.empty(),
                new byte[0], attempts, cut, intent, EARLIER, DEADLINE, Optional.empty(), Optional.empty(), NOW, 0);
    }
}
