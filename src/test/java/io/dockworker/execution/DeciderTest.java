package io.dockworker.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.CpuLimit;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Labels;
import io.dockworker.command.NetworkSpec;
import io.dockworker.command.Outcome;
import io.dockworker.command.PortMapping;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.Resources;
import io.dockworker.command.Target;
import io.dockworker.execution.ContainerEngine.Answer;
import io.dockworker.execution.ContainerEngine.ImagePresence;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The promises of the protocol, one observation after the other. */
class DeciderTest extends DeciderScript {
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
        calling(START);
        // An engine that was killed while it started it: whether it ran, nobody knows.
        failure(settled(complaint("task 767a: already exists"), missing), Outcome.Status.UNKNOWN,
                ErrorCode.OUTCOME_UNKNOWN);
        calling(START);
        failure(settled(complaint("id already in use"), missing), Outcome.Status.UNKNOWN, ErrorCode.OUTCOME_UNKNOWN);
        calling(START);
        failure(settled(complaint("failed to create task: mkdir /x: file already exists"), missing),
                Outcome.Status.FAILED, ErrorCode.ENGINE_ERROR);
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
    void whatTheEngineRefusesIsAFaultOfThatField() {
        Map<String, String> fields = Map.of(
                "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "/resources/cpu_limit",
                "invalid CapAdd: unknown capability: \"CAP_BPF\"", "/cap_add",
                "invalid CapDrop: unknown capability: \"CAP_BPF\"", "/cap_drop",
                "error looking up logging plugin loki: plugin \"loki\" not found", "/log_driver");
        fields.forEach((words, field) -> {
            creating();
            Failure failure = failure(
                    after(new Observation.Answered(new Answer.Refused(Answer.Reason.INVALID, words))),
                    Outcome.Status.REJECTED, ErrorCode.INVALID_COMMAND).failure().orElseThrow();
            assertEquals(Optional.of(field), failure.field());
            assertTrue(failure.message().startsWith(words + "; "), failure::message);
        });
        calling(new Command.Update(HEADER, new Target.One("web"),
                new Resources(Optional.of(CpuLimit.parse("64")), Optional.empty(),
                        Optional.empty(), OptionalLong.empty(), Optional.empty())));
        assertEquals(Optional.of("/resources/cpu_limit"), failure(
                after(new Observation.Answered(
                        new Answer.Refused(Answer.Reason.INVALID, "range of CPUs is from 0.01 to 2.00"))),
                Outcome.Status.REJECTED, ErrorCode.INVALID_COMMAND).failure().orElseThrow().field());
    }

    @Test
    void aRestartTellsTheEndThatItMadeAndNotTheNextOne() {
        Instant stopped = NOW.minusSeconds(2);
        Instant again = NOW.minusSeconds(1);
        begun(new Command.Restart(HEADER, WEB, Optional.empty(), Optional.empty()), seen(running(EARLIER)));
        assertInstanceOf(EngineCall.Stop.class, call(after(COMMITTED)));
        after(DONE);
        assertInstanceOf(EngineCall.Start.class, call(after(seen(ended(EARLIER, stopped, 143)))));
        after(DONE);
        Outcome outcome = outcome(after(seen(ended(again, NOW, 3))), Outcome.Status.SUCCEEDED);

        List<ContainerEvent> told = Ending.of(run, outcome, 1, Optional.of(NOW), Map.of(), NOW).events();
        assertEquals(List.of("stop " + stopped + " 143", "start " + again, "restart " + again),
                told.stream().map(event -> event.type() + " " + event.at()
                        + (event.exitCode().isPresent() ? " " + event.exitCode().getAsInt() : "")).toList());
    }

    @Test
    void whatGotItsSignalAndIsGoneAtOnceWasSignalled() {
        calling(new Command.Kill(HEADER, new Target.One("web"), "SIGKILL", false), running(EARLIER));
        after(DONE);
        Outcome outcome = outcome(after(ABSENT), Outcome.Status.SUCCEEDED);
        assertTrue(outcome.changed());
        assertEquals(List.of(ContainerEvent.Type.KILL), Ending.of(run, outcome, 1, Optional.of(NOW), Map.of(), NOW)
                .events().stream().map(ContainerEvent::type).toList());
    }

    @Test
    void aPullBeginsBeforeItIsWaitedForAndChangesSomethingOnlyWhereItBroughtSomething() {
        Command pull = new Command.Pull(HEADER, new ImageName("fake/tools:1"), ImagePull.of(PullPolicy.ALWAYS));
        for (boolean brought : List.of(true, false)) {
            run = Run.of(work(pull, 0, Optional.empty()));
            assertEquals(new Step.Commit(new Intent(Optional.empty())), after(new Observation.Handed()));
            assertInstanceOf(Step.EnsureImage.class, after(COMMITTED));
            assertEquals(brought, outcome(after(new Observation.Image(new ImagePresence.Present(brought))),
                    Outcome.Status.SUCCEEDED).changed());
        }
        run = Run.of(work(pull, 1, Optional.of(new Intent(Optional.empty()))));
        assertInstanceOf(Step.Commit.class, after(new Observation.Handed()));
        assertInstanceOf(Step.EnsureImage.class, after(COMMITTED));
    }

    private static ContainerSnapshot ended(Instant startedAt, Instant finishedAt, int exitCode) {
        return running(startedAt).with(ContainerState.of(ContainerStatus.EXITED, Optional.of(startedAt),
                Optional.of(finishedAt), exitCode));
    }

    @Test
    void ofPortsThatAreInUseTheOneIsNamedThatTheEngineNames() {
        Map<String, String> fields = Map.of("Bind for 0.0.0.0:8080 failed: port is already allocated",
                "/ports/80~1tcp", "listen tcp4 127.0.0.1:808: bind: address already in use", "/ports/53~1udp",
                "listen tcp4 0.0.0.0:80: bind: address already in use", "/ports");
        var ports = List.of(PortMapping.parse("80", "", 8080), PortMapping.parse("53/udp", "127.0.0.1", 808));
        Command create = new Command.Create(HEADER, SPEC.with(NetworkSpec.publishing(ports)), 1, true);
        fields.forEach((words, field) -> {
            begun(create, ABSENT);
            after(IMAGE, ABSENT);
            call(after(COMMITTED));
            after(DONE);
            call(after(seen(made(OURS))));
            assertEquals(Optional.of(field), failure(settled(complaint(words), seen(made(OURS))),
                    Outcome.Status.FAILED, ErrorCode.PORT_IN_USE).failure().orElseThrow().field());
        });
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
}
