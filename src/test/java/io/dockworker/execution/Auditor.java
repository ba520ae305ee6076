package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Labels;
import io.dockworker.command.Outcome;
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
        check(starts <= 1, "started twice", work);
        Optional<ContainerSnapshot> container = container(work);
        switch (outcome.status()) {
            case SUCCEEDED -> {
                switch (work.command()) {
                    case Command.Create create -> {
                        check(creates == 1 && container.isPresent(), "a create without its container", work);
                        check(starts == (create.start() ? 1 : 0), "a create with " + starts + " starts", work);
                    }
                    case Command.Start _ -> check(container.flatMap(ContainerSnapshot::startedAt).isPresent(),
                            "a start that never was", work);
                    case Command.Stop _ -> check(container.filter(one -> !one.isUp()).isPresent(),
                            "a stop of what runs", work);
                    case Command.Remove _ -> check(container.isEmpty(), "a remove of what is there", work);
                }
            }
            case FAILED -> check(starts + effects(work, EngineCall.Stop.class)
                    + effects(work, EngineCall.Remove.class) == 0, "failed, and done all the same", outcome);
            case REJECTED, EXPIRED, CANCELLED, SUPERSEDED -> check(effects(work, EngineCall.class) == 0,
                    "refused, and done all the same", outcome);
            case UNKNOWN -> {
            }
        }
    }

    void atTheEnd(List<ContainerSnapshot> strangers) {
        for (Ledger.Row row : world.ledger.rows()) {
            Work work = row.work();
            check(row.outcome().isPresent(), "no result", work);
            check(effects(work, EngineCall.Create.class) <= 1, "made twice", work);
            check(effects(work, EngineCall.Start.class) <= 1, "started twice", work);
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

    private long effects(Work work, Class<? extends EngineCall> kind) {
        return world.effects.stream().filter(one -> one.key().equals(work.key()) && kind.isInstance(one.call()))
                .count();
    }

    private Optional<ContainerSnapshot> container(Work work) {
        return world.containers().stream().filter(one -> work.command() instanceof Command.Create
                ? work.key().command().value().equals(one.labels().get(Labels.COMMAND_ID))
                : work.container().filter(one.id()::equals).isPresent()).findFirst();
    }
}
