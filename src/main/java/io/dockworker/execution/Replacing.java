package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.Digests;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The goal: a new container under the old one's name or another that is wanted, and the old one gone. The new one has a
 * name of its own until it is well; then it takes another that is wanted, the old one is stopped and removed, and its name
 * passes on if no other is wanted. If it does not become well it is removed, and the old one runs again. That it is being
 * undone is on record, so a crash in the middle does not begin anew.
 */
record Replacing(Command.Replace replace) implements Verb {
    /** How long a container without a HEALTHCHECK has to run to count as well. */
    private static final Duration PROBATION = Duration.ofSeconds(3);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    /** So much of the deadline is kept for undoing. */
    private static final Duration RESERVE = Duration.ofSeconds(15);

    /** The old container by id; once there is an intent also the new one's own name; and the name that it is to have. */
    @Override
    public List<String> subjects(Work work, Optional<Intent> intent) {
        return intent.flatMap(Intent::before)
                .map(old -> List.of(work.subject(), temporaryName(work, old).value(), finalName(old)))
                .orElseGet(() -> Stream.concat(Stream.of(work.subject()), wanted().stream()).toList());
    }

    private Optional<String> wanted() {
        return replace.change().name().map(ContainerName::value);
    }

    private String finalName(ContainerSnapshot old) {
        return wanted().orElse(old.name());
    }

    private static ContainerName temporaryName(Work work, ContainerSnapshot old) {
        String digest = HexFormat.of()
                .formatHex(Digests.sha256(work.key().command().value().getBytes(StandardCharsets.UTF_8)));
        return new ContainerName(
                old.name().substring(0, Math.min(old.name().length(), 100)) + "-" + digest.substring(0, 12));
    }

    private static Optional<ContainerSnapshot> successor(Work work, List<Optional<ContainerSnapshot>> looks) {
        return looks.stream().skip(1).flatMap(Optional::stream).filter(one -> Newborn.isOf(work, one)).findFirst();
    }

    @Override
    public Optional<ContainerSnapshot> shown(Work work, List<Optional<ContainerSnapshot>> looks) {
        return successor(work, looks).or(() -> Verb.super.shown(work, looks));
    }

    @Override
    public boolean isUndone() {
        return true;
    }

    /** What the new container is made of; empty where nothing is on record of the old one. */
    Optional<ContainerSpec> specification(Work work) {
        return work.spec().map(replace.change()::applyTo);
    }

    @Override
    public Verdict judge(Situation situation) {
        Work work = situation.work();
        if (work.container().isEmpty()) {
            return Verb.unclaimed(work, replace.target(), situation.seen());
        }
        ContainerSpec spec;
        try {
            Optional<ContainerSpec> known = specification(work);
            if (known.isEmpty()) {
                return Verdict.failed(Failure.at("/target", ErrorCode.UNSUPPORTED,
                        "it is not on record what this container is made of; remove it and create it anew"));
            }
            spec = known.get();
        } catch (InvalidValue e) {
            return Verdict.failed(Failure.of(ErrorCode.INVALID_COMMAND, e.getMessage()));
        }
        return situation.intent().flatMap(Intent::undoing).map(why -> undo(situation, why))
                .orElseGet(() -> proceed(situation, spec));
    }

    private Verdict proceed(Situation situation, ContainerSpec spec) {
        Work work = situation.work();
        Optional<ContainerSnapshot> old = situation.seen();
        Optional<ContainerSnapshot> successor = successor(work, situation.looks());
        if (successor.isEmpty()) {
            return old.map(container -> make(situation, spec, container))
                    .orElseGet(() -> Verdict.failed(Subjects.gone(work)));
        }
        Verdict started = newborn(situation, spec, successor.get()).started(successor.get(), true);
        if (started instanceof Verdict.GiveUp(Outcome.Status _, Failure failure)) {
            return Verdict.failed(known(failure));
        }
        if (!(started instanceof Verdict.Achieved)) {
            return started;
        }
        boolean well = situation.intent().filter(Intent::well).isPresent();
        // What has taken over was well: with the old one gone, or going, its end is its own affair.
        Optional<Verdict> notYet = well && isLost(situation)
                ? Optional.empty()
                : notYetWell(situation, successor.get().state());
        if (notYet.isPresent()) {
            return notYet.get();
        }
        if (!well) {
            return new Verdict.Note(situation.intent().orElseThrow().foundWell());
        }
        String name = finalName(situation.before().orElseThrow());
        // Another name is taken while the old one is there still: it may turn out to be somebody else's.
        if (!successor.get().name().equals(name) && old.filter(one -> one.name().equals(name)).isEmpty()) {
            return new Verdict.Act(new EngineCall.Rename(successor.get().id(), new ContainerName(name)));
        }
        return old.map(Replacing::retire).orElseGet(Verdict.Achieved::new);
    }

    /** Somebody else's container under the wanted name. The engine also finds one by the beginning of its id. */
    private Optional<ContainerSnapshot> holder(Situation situation) {
        return wanted().flatMap(name -> situation.looks().stream().flatMap(Optional::stream)
                .filter(one -> one.name().equals(name) && !situation.work().container().equals(Optional.of(one.id())))
                .findFirst());
    }

    private Verdict make(Situation situation, ContainerSpec spec, ContainerSnapshot old) {
        if (old.status() == ContainerStatus.REMOVING || old.status() == ContainerStatus.DEAD) {
            return Verdict.failed(Subjects.gone(situation.work()));
        }
        Optional<ContainerSnapshot> holder = holder(situation);
        if (holder.isPresent()) {
            return Verdict.failed(Failure.at("/name", ErrorCode.NAME_CONFLICT, "the name " + holder.get().name()
                    + " is held by container " + holder.get().id().abbreviated()));
        }
        // First of all: what cannot be had must not cost the old one a second.
        if (!situation.imageReady()) {
            return new Verdict.NeedImage(spec.image(), spec.pull());
        }
        Optional<ContainerSnapshot> squatter = situation.looks().size() > 2
                ? situation.looks().get(1)
                : Optional.empty();
        if (squatter.isPresent()) {
            return Verdict.failed(Failure.of(ErrorCode.NAME_CONFLICT, "the name " + squatter.get().name()
                    + ", which the new container has until it is well, is held by another"));
        }
        if (!startsFirst(situation.work()) && old.isUp()) {
            return new Verdict.Act(new EngineCall.Stop(old.id(), Optional.empty(), Optional.empty()));
        }
        return newborn(situation, spec, old).made(true);
    }

    private static Newborn newborn(Situation situation, ContainerSpec spec, ContainerSnapshot any) {
        return new Newborn(situation.work(), temporaryName(situation.work(), situation.before().orElse(any)), spec);
    }

    /** Why the new container does not take over now, if so. */
    private static Optional<Verdict> notYetWell(Situation situation, ContainerState state) {
        if (state.status() != ContainerStatus.RUNNING && state.status() != ContainerStatus.PAUSED) {
            return bad(situation, "the new container ended by itself (exit code " + state.exitCode() + ")");
        }
        if (state.restartCount() > 0) {
            return bad(situation, "the new container ends again and again (exit code " + state.exitCode() + ")");
        }
        boolean young = state.startedAt().orElseThrow().plus(PROBATION).isAfter(situation.now());
        return switch (state.health()) {
            case UNHEALTHY -> bad(situation, "the new container's healthcheck fails");
            case HEALTHY -> Optional.empty();
            case STARTING -> wait(situation);
            case NONE -> young ? wait(situation) : Optional.empty();
        };
    }

    private static Optional<Verdict> bad(Situation situation, String why) {
        return Optional.of(Verdict.failed(Failure.of(ErrorCode.INVALID_STATE, why + rest(situation))));
    }

    private static Optional<Verdict> wait(Situation situation) {
        return situation.work().deadlineAt().minus(RESERVE).isBefore(situation.now())
                ? Optional.of(Verdict.failed(Failure.retryable(ErrorCode.TIMEOUT,
                        "the new container did not become well in time" + rest(situation))))
                : Optional.of(new Verdict.LookAgain(BETWEEN_LOOKS));
    }

    private static String rest(Situation situation) {
        return isLost(situation) ? "; somebody has removed the old one meanwhile" : "; the old one stays";
    }

    /** There is no old one to go back to. */
    private static boolean isLost(Situation situation) {
        return situation.seen().filter(Replacing::isThere).isEmpty();
    }

    private static boolean isThere(ContainerSnapshot container) {
        return container.status() != ContainerStatus.REMOVING && container.status() != ContainerStatus.DEAD;
    }

    private static Verdict retire(ContainerSnapshot old) {
        if (old.status() == ContainerStatus.REMOVING) {
            return new Verdict.LookAgain(BETWEEN_LOOKS);
        }
        return old.isUp()
                ? new Verdict.Act(new EngineCall.Stop(old.id(), Optional.empty(), Optional.empty()))
                : new Verdict.Act(new EngineCall.Remove(old.id(), true, false));
    }

    private static Verdict undo(Situation situation, Failure why) {
        Optional<ContainerSnapshot> successor = successor(situation.work(), situation.looks());
        if (successor.filter(Replacing::isThere).isPresent() && isLost(situation)) {
            return Verdict
                    .failed(new Failure(why.code(), why.message() + "; and the old one is gone since, so the new one "
                            + "stays", why.field(), why.retryable()));
        }
        if (successor.isPresent()) {
            return successor.get().status() == ContainerStatus.REMOVING
                    ? new Verdict.LookAgain(BETWEEN_LOOKS)
                    : new Verdict.Act(new EngineCall.Remove(successor.get().id(), true, true));
        }
        ContainerSnapshot before = situation.before().orElseThrow();
        boolean stopped = situation.seen()
                .filter(old -> !old.isUp() && old.startedAt().equals(before.startedAt())).isPresent();
        return before.isUp() && stopped
                ? new Verdict.Act(new EngineCall.Start(before.id()))
                : Verdict.failed(why);
    }

    private boolean startsFirst(Work work) {
        return work.spec().filter(
                old -> replace.order(old, replace.change().applyTo(old)) == Command.Replace.Order.START_FIRST)
                .isPresent();
    }

    @Override
    public Failure complained(Work work, String complaint) {
        return known(specification(work).map(spec -> Complaints.failure(complaint, spec))
                .orElseGet(() -> Complaints.failure(complaint)));
    }

    /** Whatever became of the new container: it goes, and then that is known. */
    private static Failure known(Failure failure) {
        return failure.code() == ErrorCode.OUTCOME_UNKNOWN
                ? Failure.of(ErrorCode.ENGINE_ERROR, "the engine lost track of the new container; the old one stays")
                : failure;
    }

    @Override
    public Verdict refused(Work work, EngineCall call, ContainerEngine.Answer.Refused refusal) {
        boolean invalid = refusal.reason() == ContainerEngine.Answer.Reason.INVALID;
        if (invalid && call instanceof EngineCall.Create) {
            return Verdict.refused(refusal.message());
        }
        if (call instanceof EngineCall.Rename && wanted().isPresent()
                && refusal.reason() == ContainerEngine.Answer.Reason.CONFLICT) {
            return Verdict.failed(Failure.at("/name", ErrorCode.NAME_CONFLICT, refusal.message()));
        }
        boolean ofTheOld = call instanceof EngineCall.Stop || call instanceof EngineCall.Remove;
        return ofTheOld && !invalid
                ? new Verdict.LookAgain(BETWEEN_LOOKS)
                : Newborn.refused(call, refusal);
    }
}
