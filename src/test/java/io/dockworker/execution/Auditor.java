package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.Labels;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Work;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares what was recorded with what the engine did. It knows the promises, and nothing of how they are kept. */
final class Auditor {
    private final FaultSimulation world;

    Auditor(FaultSimulation world) {
        this.world = world;
    }

    static void check(boolean holds, String broken, Object where) {
        if (!holds) {
            throw new AssertionError(broken + ": " + where);
        }
    }

    /** At this moment the engine is as the result says; later it may have gone on. */
    void atCompletion(Work work, Outcome outcome) {
        long creates = effects(work, EngineCall.Create.class);
        long starts = effects(work, EngineCall.Start.class);
        check(creates <= 1, "made twice", work);
        check(starts <= mostStarts(work), "started twice", work);
        Optional<ContainerSnapshot> container = container(work);
        switch (outcome.status()) {
            case SUCCEEDED -> {
                switch (work.command()) {
                    case Command.Create create -> {
                        check(creates == 1 && container.isPresent(), "a create without its container", work);
                        check(starts == (create.start() ? 1 : 0), "a create with " + starts + " starts", work);
                        check(work.container().filter(this::isThere).isEmpty(), "a lane with two containers", work);
                    }
                    case Command.Start _ -> check(container.flatMap(ContainerSnapshot::startedAt).isPresent(),
                            "a start that never was", work);
                    case Command.Stop _ -> check(container.filter(one -> !one.isUp()).isPresent(),
                            "a stop of what runs", work);
                    case Command.Restart _ -> check(container.isPresent() && starts == 1, "a restart without a start",
                            work);
                    case Command.Pause _ -> check(
                            container.filter(one -> one.status() == ContainerStatus.PAUSED || !one.isUp()).isPresent(),
                            "a pause of what is not paused", work);
                    case Command.Unpause _ -> check(
                            container.filter(one -> one.status() != ContainerStatus.PAUSED).isPresent(),
                            "an unpause of what is paused", work);
                    case Command.Rename rename -> check(
                            container.filter(one -> one.name().equals(rename.name().value())).isPresent(),
                            "a rename without the name", work);
                    case Command.Replace replace -> check(
                            container.isPresent() && !isThere(work.container().orElseThrow())
                                    && container.get().name().equals(replace.change().name()
                                            .map(ContainerName::value).orElseGet(() -> nameBefore(work).orElseThrow())),
                            "a replacement that is none", work);
                    case Command.Kill _ -> check(effects(work, EngineCall.Kill.class) <= 1, "killed twice", work);
                    case Command.Update _,Command.Pull _,Command.Cancel _ -> {
                    }
                    case Command.Remove _ -> check(container.isEmpty(), "a remove of what is there", work);
                }
            }
            case FAILED -> failed(work, outcome, container);
            case REJECTED, EXPIRED, CANCELLED, SUPERSEDED -> check(effects(work, EngineCall.class) == 0,
                    "refused, and done all the same", outcome);
            case UNKNOWN -> {
            }
        }
    }

    /** The one of two names that the lane's container does not have. */
    void atRelease(Completion end) {
        Work work = end.work();
        if (work.command() instanceof Command.Replace replace && end.outcome().status() != Outcome.Status.UNKNOWN) {
            Optional<String> wanted = replace.change().name().map(ContainerName::value);
            check(end.freedName()
                    .equals(wanted.flatMap(name -> end.seen().filter(one -> one.name().equals(name)).isPresent()
                            ? nameBefore(work).filter(before -> !name.equals(before))
                            : wanted)),
                    "kept the wrong name", end);
        }
    }

    private Optional<String> nameBefore(Work work) {
        return world.ledger.row(work.key()).work().intent().flatMap(Intent::before).map(ContainerSnapshot::name);
    }

    private void failed(Work work, Outcome outcome, Optional<ContainerSnapshot> container) {
        long starts = effects(work, EngineCall.Start.class);
        long stops = effects(work, EngineCall.Stop.class);
        if (work.command() instanceof Command.Replace) {
            if (outcome.failure().orElseThrow().message().contains("could not be undone")) {
                return;
            }
            boolean isOldThere = work.container().filter(this::isThere).isPresent();
            check(container.isEmpty() == (isOldThere || effects(work, EngineCall.Create.class) == 0),
                    "a failed replacement left both containers, or none", outcome);
            check(stops <= starts || !isThere(work.container().orElseThrow()),
                    "a failed replacement left the old container stopped", outcome);
        } else if (!(work.command() instanceof Command.Restart)) {
            // Half of a restart may be all that there was time for.
            check(starts + stops + effects(work, EngineCall.Remove.class) == 0, "failed, and done all the same",
                    outcome);
        }
    }

    void atTheEnd(List<ContainerSnapshot> strangers) {
        for (Ledger.Row row : world.ledger.rows()) {
            Work work = row.work();
            check(row.outcome().isPresent(), "no result", work);
            check(effects(work, EngineCall.Create.class) <= 1, "made twice", work);
            check(effects(work, EngineCall.Start.class) <= mostStarts(work), "started twice", work);
            boolean harmless = work.command() instanceof Command.Kill kill && kill.idempotent();
            check(harmless || attempts(work) <= 1, "a signal sent twice", work);
        }
        check(world.containers().containsAll(strangers), "a stranger's container was touched", strangers);
        Map<Long, Long> reached = new HashMap<>();
        for (FaultSimulation.Effect effect : world.effects) {
            Ledger.Row row = world.ledger.row(effect.key());
            boolean unknown = row.outcome().filter(end -> end.status() == Outcome.Status.UNKNOWN).isPresent();
            check(!effect.afterEnd() || unknown, "an effect after the result", effect);
            if (!effect.afterEnd()) {
                Long before = reached.put(row.work().lane(), row.work().seq());
                check(before == null || before <= row.work().seq(), "out of order", effect);
            }
        }
    }

    /** Calls that reached the engine, whether or not they changed what can be seen. */
    private long attempts(Work work) {
        return world.kills.stream().filter(work.key()::equals).count();
    }

    private boolean isThere(ContainerId id) {
        return world.containers().stream().anyMatch(one -> one.id().equals(id));
    }

    /** A replacement that is undone starts the old container, too. */
    private static int mostStarts(Work work) {
        return work.command() instanceof Command.Replace ? 2 : 1;
    }

    private long effects(Work work, Class<? extends EngineCall> kind) {
        return world.effects.stream().filter(one -> one.key().equals(work.key()) && kind.isInstance(one.call()))
                .count();
    }

    private Optional<ContainerSnapshot> container(Work work) {
        boolean makes = work.command() instanceof Command.Create || work.command() instanceof Command.Replace;
        return world.containers().stream()
                .filter(one -> makes
                        ? work.key().command().value().equals(one.labels().get(Labels.COMMAND_ID))
                        : work.container().filter(one.id()::equals).isPresent())
                .findFirst();
    }
}
