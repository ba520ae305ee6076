package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The promises of the protocol, one observation after the other. */
class DeciderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant EARLIER = NOW.minusSeconds(60);
    private static final Instant DEADLINE = NOW.plusSeconds(60);
    private static final ContainerId ID = new ContainerId("a1".repeat(32));
    private static final ContainerName NAME = new ContainerName("web");
    private static final ContainerSpec SPEC = ContainerSpec.of(new ImageName("fake/tools:1")).with(NAME);
    private static final Header HEADER = Header.of(new CommandId("c1"));
    private static final Target WEB = new Target.One("web");
    private static final Command CREATE = new Command.Create(HEADER, SPEC, 1, true);
    private static final Command START = new Command.Start(HEADER, WEB);
    private static final Command STOP = new Command.Stop(HEADER, WEB, Optional.empty(), Optional.empty());
    private static final Command REMOVE = new Command.Remove(HEADER, WEB, false, false);
    private static final Map<String, String> OURS = Map.of(Labels.MANAGED_BY, "fake/tools:1", Labels.COMMAND_ID, "c1",
            Labels.HOST, "host-a", Labels.SPEC_HASH, "spec");
    private static final Observation ABSENT = new Observation.Looked(List.of(new Inspection.Absent()));
    private static final Observation AWAY = new Observation.Looked(List.of(new Inspection.Away("unplugged")));
    private static final Observation LOST = new Observation.Answered(new Answer.Unknown("reset"));
    private static final Observation DONE = new Observation.Answered(new Answer.Done(Optional.empty()));
    private static final Observation NOT_SENT = new Observation.Answered(new Answer.NotSent("refused"));
    private static final Observation COMMITTED = new Observation.Committed();
    private static final Observation WAITED = new Observation.Waited();
    private static final Observation IMAGE = new Observation.Image(new ImagePresence.Present(false));

    private Run run;
    private Instant now = NOW;

    // Intent before act.

    @Test
    void theIntentIsOnRecordBeforeTheFirstCallOfEveryVerb() {
        ContainerSnapshot exited = exited(EARLIER);
        ContainerSnapshot up = running(EARLIER);
        Command force = new Command.Remove(HEADER, WEB, true, false);

        assertEquals(new Step.Commit(new Intent(Optional.of(exited))), begun(START, seen(exited)));
        assertEquals(new Step.Call(new EngineCall.Start(ID)), after(COMMITTED));
        assertEquals(new Step.Commit(new Intent(Optional.of(up))), begun(STOP, seen(up)));
        assertInstanceOf(EngineCall.Stop.class, call(after(COMMITTED)));
        assertEquals(new Step.Commit(new Intent(Optional.of(up))), begun(force, seen(up)));
        assertInstanceOf(EngineCall.Remove.class, call(after(COMMITTED)));
        assertInstanceOf(Step.EnsureImage.class, begun(CREATE, ABSENT));
        assertInstanceOf(Step.Inspect.class, after(IMAGE));
        assertEquals(new Step.Commit(new Intent(Optional.empty())), after(ABSENT));
        assertInstanceOf(EngineCall.Create.class, call(after(COMMITTED)));
    }

    @Test
    void aGoalThatHoldsIsNeitherRecordedNorTouched() {
        assertFalse(outcome(begun(START, seen(running(EARLIER))), Outcome.Status.SUCCEEDED).changed());
        assertFalse(outcome(begun(STOP, seen(exited(EARLIER))), Outcome.Status.SUCCEEDED).changed());
        assertFalse(outcome(begun(REMOVE, ABSENT), Outcome.Status.SUCCEEDED).changed());
    }

    @Test
    void whatTheJournalDoesNotLetBeginEndsAsItSays() {
        begun(START, seen(exited(EARLIER)));
        Step.Complete end = assertInstanceOf(Step.Complete.class, after(new Observation.Expired()));
        assertEquals(Outcome.Status.EXPIRED, end.outcome().status());
        assertEquals(Optional.of("/expires_at"), end.outcome().failure().orElseThrow().field());
    }

    // Doubt.

    @Test
    void aLostAnswerIsSettledByARestAndTwoEqualLooksBeforeAnythingIsDoneAgain() {
        calling(START);
        Observation unchanged = seen(exited(EARLIER));

        assertInstanceOf(Step.Inspect.class, after(LOST));
        assertEquals(new Step.Wait(Duration.ofSeconds(2)), after(unchanged));
        assertInstanceOf(Step.Inspect.class, after(WAITED));
        assertEquals(new Step.Wait(Duration.ofSeconds(1)), after(unchanged));
        assertInstanceOf(Step.Inspect.class, after(WAITED));
        assertEquals(new Step.Call(new EngineCall.Start(ID)), after(unchanged));
    }

    @Test
    void theRestBeginsWithTheEnginesFirstAnswer() {
        calling(START);

        after(LOST);
        assertEquals(new Step.Wait(Duration.ofMillis(100)), after(AWAY));
        after(WAITED);
        assertEquals(new Step.Wait(Duration.ofSeconds(2)), after(seen(exited(EARLIER))));
    }

    @Test
    void whatTheEngineWasAskedAndDidNotAnswerInTimeIsUnknownEvenWhereNothingIsToBeSeen() {
        calling(STOP, running(EARLIER));
        after(LOST, seen(running(EARLIER)), WAITED, seen(running(EARLIER)), WAITED);
        now = DEADLINE;

        failure(after(seen(running(EARLIER))), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);
    }

    @Test
    void aSignalWhoseFateIsUnknownIsNotSentAgainUnlessThatDoesNoHarm() {
        Target.One web = new Target.One("web");
        Command once = new Command.Kill(HEADER, web, "SIGHUP", false);
        Command harmless = new Command.Kill(HEADER, web, "SIGHUP", true);

        calling(once, running(EARLIER));
        failure(after(LOST), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);
        run = Run.of(work(once, 1, Optional.of(new Intent(Optional.of(running(EARLIER))))));
        failure(after(new Observation.Handed()), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);

        calling(harmless, running(EARLIER));
        after(LOST, seen(running(EARLIER)), WAITED, seen(running(EARLIER)), WAITED);
        assertEquals(new Step.Call(new EngineCall.Kill(ID, "SIGHUP")), after(seen(running(EARLIER))));
        after(DONE);
        assertTrue(outcome(after(seen(running(EARLIER))), Outcome.Status.SUCCEEDED).changed());
    }

    @Test
    void looksThatDifferAreRepeatedUntilTwoAgree() {
        calling(START);
        after(LOST, seen(exited(EARLIER)), WAITED, seen(exited(EARLIER)), WAITED);

        assertEquals(new Step.Wait(Duration.ofSeconds(1)), after(seen(running(NOW))));
        after(WAITED);
        outcome(after(seen(running(NOW))), Outcome.Status.SUCCEEDED);
    }

    @Test
    void aContainerThatNeverComesToRestEndsAsUnknownAtTheDeadline() {
        calling(START);
        now = DEADLINE;
        after(LOST, seen(exited(EARLIER)), WAITED, seen(exited(EARLIER)), WAITED);

        failure(after(seen(running(NOW))), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);
    }

    @Test
    void aCallThatWasNotSentIsRepeatedWithoutDoubtAndWithoutASecondIntent() {
        calling(START);

        assertEquals(new Step.Wait(Duration.ofMillis(100)), after(NOT_SENT));
        assertInstanceOf(Step.Inspect.class, after(WAITED));
        assertEquals(new Step.Call(new EngineCall.Start(ID)), after(seen(exited(EARLIER))));
    }

    @Test
    void anErrorOfTheEngineWithoutEffectIsTheResultOnceItIsSettled() {
        Observation missing = seen(exited(EARLIER));
        calling(START);
        failure(settled(complaint("Bind for 0.0.0.0:80 failed: port is already allocated"), missing),
                Outcome.Status.FAILED, ErrorCode.PORT_IN_USE);
        calling(START);
        failure(settled(complaint("something else"), missing), Outcome.Status.FAILED, ErrorCode.ENGINE_ERROR);
        calling(START);
        outcome(settled(complaint("something else"), seen(running(NOW))), Outcome.Status.SUCCEEDED);
    }

    @Test
    void anErrorAboutTheCreateDoesNotKeepItsContainerFromBeingStarted() {
        creating();

        assertEquals(new Step.Call(new EngineCall.Start(ID)), settled(complaint("timeout"), seen(made(OURS))));
    }

    // Deadlines and crashes.

    @Test
    void pastTheDeadlineNothingIsBegun() {
        now = DEADLINE;
        failure(begun(START, seen(exited(EARLIER))), Outcome.Status.FAILED, ErrorCode.TIMEOUT);
        failure(begun(START, AWAY), Outcome.Status.FAILED, ErrorCode.TIMEOUT);
    }

    @Test
    void aCallInDoubtIsUnknownWhenTheEngineIsAwayPastTheDeadline() {
        calling(START);
        after(LOST);
        now = DEADLINE;

        failure(after(AWAY), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);
    }

    @Test
    void aCallThatWasDoneIsNoFailureWhenNobodyCouldLookBeforeTheDeadline() {
        calling(START);
        after(DONE);
        now = DEADLINE;

        failure(after(AWAY), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);
    }

    @Test
    void anEarlierLifesIntentIsKeptAndItsEffectSettled() {
        var intent = new Intent(Optional.of(exited(EARLIER)));
        run = Run.of(work(START, 1, Optional.of(intent)));

        assertEquals(new Step.Commit(intent), after(new Observation.Handed()));
        assertInstanceOf(Step.Inspect.class, after(COMMITTED));
        assertEquals(new Step.Wait(Duration.ofSeconds(2)), after(seen(exited(EARLIER))));
    }

    @Test
    void afterFiveAttemptsTheOutcomeIsUnknown() {
        Optional<Intent> intent = Optional.of(new Intent(Optional.empty()));
        run = Run.of(work(START, 5, intent));
        failure(after(new Observation.Handed()), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);

        // One that a worker cut short when it was asked to end did not crash.
        run = Run.of(work(START, 5, 1, intent));
        assertInstanceOf(Step.Commit.class, after(new Observation.Handed()));
    }

    // Verb by verb.

    @Test
    void aJobThatHasStartedSinceTheIntentAndEndedIsNotStartedAgain() {
        calling(START);
        assertTrue(outcome(settled(LOST, seen(exited(NOW))), Outcome.Status.SUCCEEDED).changed());

        creating();
        after(DONE, seen(made(OURS)));
        assertTrue(outcome(settled(LOST, seen(exited(NOW))), Outcome.Status.SUCCEEDED).changed());
    }

    @Test
    void aCreateAdoptsWhatAnEarlierAttemptMade() {
        creating();

        assertEquals(new Step.Call(new EngineCall.Start(ID)), settled(LOST, seen(made(OURS))));
    }

    @Test
    void aStrangerUnderTheNameIsAConflictAndIsNotTouched() {
        Map<String, String> another = Map.of(Labels.MANAGED_BY, "fake/tools:1", Labels.COMMAND_ID, "c0", Labels.HOST,
                "host-a", Labels.SPEC_HASH, "spec");
        for (Map<String, String> labels : List.of(Map.<String, String>of(), another)) {
            Outcome conflict = failure(begun(CREATE, seen(made(labels))), Outcome.Status.FAILED,
                    ErrorCode.NAME_CONFLICT);
            assertEquals(List.of(), conflict.containers());
        }
    }

    @Test
    void aNameThatBeginsAnothersIdIsFree() {
        ContainerSnapshot other = snapshot("other", ContainerStatus.RUNNING, Optional.of(EARLIER), Map.of());

        assertInstanceOf(Step.EnsureImage.class, begun(CREATE, seen(other)));
    }

    @Test
    void aNameReservedForACreateInFlightIsLookedAtAgain() {
        creating();

        assertEquals(new Step.Wait(Duration.ofMillis(200)), after(refused(Answer.Reason.CONFLICT)));
        assertInstanceOf(Step.Inspect.class, after(WAITED));
        assertInstanceOf(EngineCall.Create.class, call(after(ABSENT)));
        after(refused(Answer.Reason.CONFLICT), WAITED);
        assertEquals(new Step.Call(new EngineCall.Start(ID)), after(seen(made(OURS))));
    }

    @Test
    void aMissingImageEndsACreateBeforeItsIntent() {
        begun(CREATE, ABSENT);
        var missing = io.dockworker.command.Failure.of(ErrorCode.IMAGE_NOT_FOUND, "no such image");

        failure(after(new Observation.Image(new ImagePresence.Missing(missing))), Outcome.Status.FAILED,
                ErrorCode.IMAGE_NOT_FOUND);
        assertFalse(run.touched());
    }

    @Test
    void startAndStopOfWhatIsGoneFail() {
        failure(begun(START, ABSENT), Outcome.Status.FAILED, ErrorCode.NOT_FOUND);
        failure(begun(STOP, ABSENT), Outcome.Status.FAILED, ErrorCode.NOT_FOUND);
        calling(START);
        failure(after(refused(Answer.Reason.NOT_FOUND)), Outcome.Status.FAILED, ErrorCode.NOT_FOUND);
    }

    @Test
    void aRemoveIsDoneWhenTheContainerIsGoneAndWaitsWhileItGoes() {
        calling(REMOVE);
        assertTrue(outcome(after(refused(Answer.Reason.NOT_FOUND)), Outcome.Status.SUCCEEDED).changed());

        calling(REMOVE);
        assertEquals(new Step.Wait(Duration.ofMillis(500)), after(refused(Answer.Reason.CONFLICT)));
        after(WAITED);
        assertEquals(new Step.Wait(Duration.ofMillis(500)),
                after(seen(snapshot("web", ContainerStatus.REMOVING, Optional.of(EARLIER), OURS))));
        after(WAITED);
        outcome(after(ABSENT), Outcome.Status.SUCCEEDED);
    }

    @Test
    void moreProcessorsThanThereAreAreAFaultOfThatField() {
        creating();
        Outcome outcome = failure(after(new Observation.Answered(new Answer.Refused(Answer.Reason.INVALID,
                "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"))), Outcome.Status.FAILED,
                ErrorCode.INVALID_COMMAND);
        assertEquals(Optional.of("/resources/cpu_limit"), outcome.failure().orElseThrow().field());
    }

    @Test
    void whatWasRemovedBeforeIsGoneAndWhatWasNeverMadeIsNotFound() {
        Work work = work(REMOVE, 0, Optional.empty());
        assertFalse(outcome(begun(without(work, true), ABSENT), Outcome.Status.SUCCEEDED).changed());
        failure(begun(without(work, false), ABSENT), Outcome.Status.FAILED, ErrorCode.NOT_FOUND);
    }

    private static Work without(Work work, boolean hadContainer) {
        return new Work(work.key(), work.command(), work.host(), work.lane(), work.seq(), Optional.empty(),
                hadContainer,
                work.spec(), work.specHash(), work.messageKey(), 0, 0, work.intent(), work.receivedAt(),
                work.deadlineAt(), work.expiresAt(), work.startedAt(), work.readAt(), 0);
    }

    @Test
    void whatRunsIsRemovedByForceOnly() {
        failure(begun(REMOVE, seen(running(EARLIER))), Outcome.Status.FAILED, ErrorCode.INVALID_STATE);
    }

    /** The step after a first look. */
    private Step begun(Command command, Observation look) {
        return begun(work(command, 0, Optional.empty()), look);
    }

    private Step begun(Work work, Observation look) {
        run = Run.of(work);
        assertInstanceOf(Step.Inspect.class, after(new Observation.Handed()));
        return after(look);
    }

    /** Up to the first call, for a container that is there. */
    private void calling(Command command) {
        calling(command, exited(EARLIER));
    }

    private void calling(Command command, ContainerSnapshot container) {
        begun(command, seen(container));
        call(after(COMMITTED));
    }

    /** Up to the call that creates. */
    private void creating() {
        begun(CREATE, ABSENT);
        after(IMAGE, ABSENT);
        call(after(COMMITTED));
    }

    /** The step after an answer that left a doubt, and looks that all agree. */
    private Step settled(Observation answer, Observation look) {
        after(answer, look, WAITED, look, WAITED);
        return after(look);
    }

    private void after(Observation first, Observation... more) {
        after(first);
        for (Observation observation : more) {
            after(observation);
        }
    }

    private Step after(Observation observation) {
        Decider.Move move = Decider.next(run, observation, now);
        run = move.run();
        return move.step();
    }

    private static EngineCall call(Step step) {
        return assertInstanceOf(Step.Call.class, step).call();
    }

    private static Outcome outcome(Step step, Outcome.Status status) {
        Outcome outcome = assertInstanceOf(Step.Complete.class, step).outcome();
        assertEquals(status, outcome.status(), outcome::toString);
        return outcome;
    }

    private static Outcome failure(Step step, Outcome.Status status, ErrorCode code) {
        Outcome outcome = outcome(step, status);
        assertEquals(code, outcome.failure().orElseThrow().code());
        return outcome;
    }

    private static Observation seen(ContainerSnapshot container) {
        return new Observation.Looked(List.of(new Inspection.Seen(container)));
    }

    private static Observation complaint(String words) {
        return new Observation.Answered(new Answer.Unknown("500", Optional.of(words)));
    }

    private static Observation refused(Answer.Reason reason) {
        return new Observation.Answered(new Answer.Refused(reason, "no"));
    }

    private static ContainerSnapshot running(Instant startedAt) {
        return snapshot("web", ContainerStatus.RUNNING, Optional.of(startedAt), OURS);
    }

    private static ContainerSnapshot exited(Instant startedAt) {
        return snapshot("web", ContainerStatus.EXITED, Optional.of(startedAt), OURS);
    }

    private static ContainerSnapshot made(Map<String, String> labels) {
        return snapshot("web", ContainerStatus.CREATED, Optional.empty(), labels);
    }

    private static ContainerSnapshot snapshot(String name, ContainerStatus status, Optional<Instant> startedAt,
            Map<String, String> labels) {
        return new ContainerSnapshot(ID, name, "fake/tools:1", "sha256:0", EARLIER,
                ContainerState.of(status, startedAt,
                        status == ContainerStatus.EXITED ? startedAt : Optional.empty(), 0),
                labels, Map.of(), Set.of(), Limits.NONE);
    }

    private static Work work(Command command, int attempts, Optional<Intent> intent) {
        return work(command, attempts, 0, intent);
    }

    private static Work work(Command command, int attempts, int cut, Optional<Intent> intent) {
        boolean create = command instanceof Command.Create;
        return new Work(new WorkKey(command.id(), 0), command, new HostId("host-a"), 1, 2,
                create ? Optional.empty() : Optional.of(ID), !create, Optional.empty(),
                create ? Optional.of("spec") : Optional.empty(),
                new byte[0], attempts, cut, intent, EARLIER, DEADLINE, Optional.empty(), Optional.empty(), NOW, 0);
    }
}
