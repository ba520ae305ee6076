package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Intent;
import io.dockworker.journal.MemoryJournal;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Cores that break one rule each. A simulation that does not find them would not find the like in the real core. */
final class PlantedBugs {
    /**
     * What breaks a rule.
     *
     * @param promises a pattern: which of them it may be found to break first
     */
    record Bug(String promises, Supplier<FaultSimulation.Build> build) {
        static Bug of(String promises, FaultSimulation.Core core) {
            return new Bug(promises, () -> FaultSimulation.Build.of(core));
        }

        static Bug of(String promises, MemoryJournal.Flaw flaw) {
            return new Bug(promises, () -> new FaultSimulation.Build(Decider::next, Set.of(flaw), Set.of()));
        }

        static Bug of(String promises, MemoryBroker.Flaw flaw) {
            return new Bug(promises, () -> new FaultSimulation.Build(Decider::next, Set.of(), Set.of(flaw)));
        }
    }

    private PlantedBugs() {}

    static Map<String, Bug> all() {
        Map<String, Bug> bugs = new LinkedHashMap<>();
        bugs.put("skips settling", Bug.of("after the result|twice|done all the same", PlantedBugs::skipsSettling));
        bugs.put("starts a finished job again", Bug.of("started twice|done all the same",
                PlantedBugs::startsAgainWhatHasEnded));
        bugs.put("takes unknown for not done", Bug.of("twice|after the result|done all the same",
                PlantedBugs::takesUnknownForNotDone));
        bugs.put("records after acting", new Bug("without its intent",
                () -> FaultSimulation.Build.of(recordsAfterActing())));
        bugs.put("sends a signal again", Bug.of("a signal sent twice|killed twice", PlantedBugs::killsAgain));
        bugs.put("forgets that it undoes", Bug.of("twice|old container stopped|both containers",
                PlantedBugs::forgetsUndoing));
        bugs.put("purges on conflict", Bug.of("a stranger's container", PlantedBugs::purgesOnConflict));
        for (MemoryJournal.Flaw flaw : MemoryJournal.Flaw.values()) {
            bugs.put(words(flaw), Bug.of(promises(flaw), flaw));
        }
        for (MemoryBroker.Flaw flaw : MemoryBroker.Flaw.values()) {
            bugs.put(words(flaw), Bug.of(promises(flaw), flaw));
        }
        return bugs;
    }

    private static String promises(MemoryJournal.Flaw flaw) {
        return switch (flaw) {
            case NO_FENCE -> "without its intent|twice";
            case POSITION_BEFORE_INSERT -> "no result|dead letters lost";
            case NEWEST_FIRST -> "out of order|not in the order";
            case IDS_BY_PARTITION -> "result|twice|two containers|order|done all the same|stalled";
            case UNGUARDED_END -> "more than one result|out of order|twice";
            case CANCELS_WHAT_HAS_BEGUN -> "done all the same|after the result|without its intent";
            case RESULT_BEFORE_END -> "no result|more than one result|out of order";
            case FORGETS_INTENT -> "twice|both containers|wrong name|done all the same|No value present";
        };
    }

    private static String promises(MemoryBroker.Flaw flaw) {
        return switch (flaw) {
            case NEVER_REPOSITIONS -> "no result|stalled|dead letters lost";
            case NUMBER_READ_BEFORE_THE_FENCE, NUMBER_NOT_COMMITTED, PUBLISHES_AGAIN ->
                "more than one result|out of order|dead letters lost or doubled";
        };
    }

    private static String words(Enum<?> flaw) {
        return flaw.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Believes the first look after a lost answer. */
    static Decider.Move skipsSettling(Run run, Observation observation, Instant now) {
        Decider.Move move = Decider.next(run, observation, now);
        return move.run().doubt().isPresent() ? new Decider.Move(move.run().settled(), move.step()) : move;
    }

    /** Takes a job that has ended for one that was never started. */
    static Decider.Move startsAgainWhatHasEnded(Run run, Observation observation, Instant now) {
        return run.work().command() instanceof Command.Create
                && observation instanceof Observation.Looked looked
                && looked.inspections().getFirst() instanceof ContainerEngine.Inspection.Seen(ContainerSnapshot seen)
                && seen.status() == ContainerStatus.EXITED
                        ? Decider.next(run, looked(neverStarted(seen)), now)
                        : Decider.next(run, observation, now);
    }

    /** Takes a lost answer for a refusal to listen. */
    static Decider.Move takesUnknownForNotDone(Run run, Observation observation, Instant now) {
        return observation instanceof Observation.Answered(ContainerEngine.Answer.Unknown unknown)
                ? Decider.next(run, new Observation.Answered(new ContainerEngine.Answer.NotSent(unknown.reason())), now)
                : Decider.next(run, observation, now);
    }

    /** Sends a signal again after a crash. */
    static Decider.Move killsAgain(Run run, Observation observation, Instant now) {
        if (!(run.work().command() instanceof Command.Kill kill)) {
            return Decider.next(run, observation, now);
        }
        Work work = run.work();
        var harmless = new Command.Kill(kill.header(), kill.target(), kill.signal(), true);
        var changed = new Work(work.key(), harmless, work.host(), work.lane(), work.seq(), work.container(),
                work.hadContainer(), work.spec(),
                work.specHash(), work.messageKey(), work.attempts(), work.interruptions(), work.intent(),
                work.receivedAt(),
                work.deadlineAt(), work.expiresAt(), work.startedAt(), work.readAt(), work.bytes());
        return Decider.next(new Run(changed, run.intent(), run.committed(), run.pending(), run.doubt(),
                run.complaint(), run.image(), run.view(), run.done(), run.unanswered(), run.setbacks()), observation,
                now);
    }

    /** Forgets that a replacement is being undone. */
    static Decider.Move forgetsUndoing(Run run, Observation observation, Instant now) {
        boolean resumes = run.intent().flatMap(Intent::undoing).isPresent()
                && observation instanceof Observation.Handed;
        return resumes
                ? Decider.next(Run.of(run.work()).recorded(new Intent(run.intent().get().before())),
                        new Observation.Waited(),
                        now)
                : Decider.next(run, observation, now);
    }

    /** Acts first and puts the intent on record after. */
    static FaultSimulation.Core recordsAfterActing() {
        Set<WorkKey> unrecorded = new HashSet<>();
        Map<WorkKey, Observation> held = new HashMap<>();
        return (run, observation, now) -> {
            WorkKey key = run.work().key();
            if (observation instanceof Observation.Answered && unrecorded.remove(key)) {
                held.put(key, observation);
                return new Decider.Move(run, new Step.Commit(run.intent().orElseThrow()));
            }
            boolean resumes = observation instanceof Observation.Committed && held.containsKey(key);
            Decider.Move move = Decider.next(run, resumes ? held.remove(key) : observation, now);
            if (move.step() instanceof Step.Commit && move.run().pending().isPresent()) {
                unrecorded.add(key);
                return new Decider.Move(move.run(), new Step.Call(move.run().pending().get()));
            }
            return move;
        };
    }

    /** Makes room for a container by removing who has its name. */
    static Decider.Move purgesOnConflict(Run run, Observation observation, Instant now) {
        Decider.Move move = Decider.next(run, observation, now);
        boolean conflict = move.step() instanceof Step.Complete(Outcome outcome) && run.committed()
                && outcome.failure().filter(failure -> failure.code() == ErrorCode.NAME_CONFLICT).isPresent();
        if (!conflict || !(run.work().command() instanceof Command.Create)
                || !(observation instanceof Observation.Looked looked)
                || !(looked.inspections()
                        .getFirst() instanceof ContainerEngine.Inspection.Seen(ContainerSnapshot holder))) {
            return move;
        }
        var purge = new EngineCall.Remove(holder.id(), true, false);
        return new Decider.Move(run.pending(purge), new Step.Call(purge));
    }

    private static Observation looked(ContainerSnapshot container) {
        return new Observation.Looked(List.of(new ContainerEngine.Inspection.Seen(container)));
    }

    private static ContainerSnapshot neverStarted(ContainerSnapshot seen) {
        return seen.with(ContainerState.created());
    }
}
