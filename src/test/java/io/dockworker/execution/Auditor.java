package io.dockworker.execution;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import io.dockworker.command.Labels;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Intent;
import io.dockworker.journal.MemoryJournal;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import io.dockworker.kafka.OutboundRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Compares what was asked, what was published, what was recorded and what the engines did. It knows the promises, and
 * nothing of how they are kept.
 */
final class Auditor {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A call that changed something. */
    private record Effect(WorkKey key, EngineCall call, boolean afterEnd) {}

    private final FaultSimulation world;
    /**
     * A command that was sent.
     *
     * @param turn grows with the time; empty where a copy of it may overtake others
     */
    private record Asked(String key, OptionalLong turn) {}

    private final Map<CommandId, Asked> asked = new LinkedHashMap<>();
    private final List<ContainerSnapshot> strangers = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    /** A signal need not change anything that can be seen, so what reached the engine counts. */
    private final List<WorkKey> kills = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private int fewestDeadLetters;
    private int mostDeadLetters;

    Auditor(FaultSimulation world) {
        this.world = world;
    }

    static void check(boolean holds, String broken, Object where) {
        if (!holds) {
            throw new AssertionError(broken + ": " + where);
        }
    }

    /** How the commands ended, and what was called how often. */
    Map<String, Integer> counts() {
        return counts;
    }

    void asked(Command command, OptionalLong turn) {
        asked.merge(command.id(), new Asked(command.key(), turn), (first, _) -> new Asked(first.key(),
                OptionalLong.empty()));
    }

    /**
     * Something is produced that cannot be executed.
     *
     * @param others so many records that want the same id; one of the two kinds loses, whichever is later
     */
    void expectsDeadLetter(int others) {
        fewestDeadLetters++;
        mostDeadLetters += Math.max(1, others);
    }

    void isStrangers(ContainerSnapshot container) {
        strangers.add(container);
    }

    /** A call has reached the engine. */
    void reached(HostId host, WorkKey key, EngineCall call, boolean changed) {
        counts.merge("called " + call.kind(), 1, Integer::sum);
        if (call instanceof EngineCall.Kill) {
            kills.add(key);
        }
        if (changed) {
            world.trace(() -> host + " " + key + " has effect: " + call);
            effects.add(new Effect(key, call, entry(key).outcome().isPresent()));
        }
    }

    void mayCall(Run run, int attempt) {
        MemoryJournal.Entry entry = entry(run.work().key());
        check(entry.outcome().isEmpty() && attempt > 0 && entry.attempts() == attempt,
                "a call without its intent on record", run);
    }

    private MemoryJournal.Entry entry(WorkKey key) {
        return world.journal.entry(key).orElseThrow(() -> new AssertionError("never accepted: " + key));
    }

    /** At this moment the engine is as the result says; later it may have gone on. */
    void atEnd(Completion end) {
        Work work = end.work();
        Outcome outcome = end.outcome();
        world.trace(() -> work.key() + " ends: " + outcome);
        long creates = effects(work, EngineCall.Create.class);
        long starts = effects(work, EngineCall.Start.class);
        check(creates <= 1, "made twice", work);
        check(starts <= mostStarts(work.command()), "started twice", work);
        Optional<ContainerSnapshot> container = container(work);
        switch (outcome.status()) {
            case SUCCEEDED -> succeeded(work, creates, starts, container);
            case FAILED -> failed(work, outcome, container);
            case REJECTED, EXPIRED, CANCELLED, SUPERSEDED -> check(effects(work, EngineCall.class) == 0,
                    "refused, and done all the same", outcome);
            case UNKNOWN -> {
            }
        }
        releases(end);
    }

    private void succeeded(Work work, long creates, long starts, Optional<ContainerSnapshot> container) {
        if (work.key().child() > 0 && work.container().isEmpty() && !(work.command() instanceof Command.Create)) {
            // Of all containers of an image, one that was never made: there is nothing to be done.
            check(effects(work, EngineCall.class) == 0, "done to no container", work);
            return;
        }
        switch (work.command()) {
            case Command.Create create -> {
                check(creates == 1 && container.isPresent(), "a create without its container", work);
                check(starts == (create.start() ? 1 : 0), "a create with " + starts + " starts", work);
                check(work.container().filter(this::isThere).isEmpty(), "a lane with two containers", work);
            }
            case Command.Start _ -> check(container.flatMap(ContainerSnapshot::startedAt).isPresent(),
                    "a start that never was", work);
            case Command.Stop _ -> check(container.filter(one -> !one.isUp()).isPresent(), "a stop of what runs", work);
            case Command.Restart _ -> check(
                    container.filter(one -> starts == 1 || startedLate(one.id())).isPresent(),
                    "a restart without a start", work);
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

    /** What a command that ended in doubt had begun may have come after all; it cannot be told from one's own. */
    private boolean startedLate(ContainerId container) {
        return effects.stream().anyMatch(effect -> effect.afterEnd()
                && effect.call() instanceof EngineCall.Start(ContainerId id) && id.equals(container));
    }

    /** The one of two names that the lane's container does not have. */
    private void releases(Completion end) {
        Work work = end.work();
        boolean ran = end.outcome().status() == Outcome.Status.SUCCEEDED
                || end.outcome().status() == Outcome.Status.FAILED;
        if (work.command() instanceof Command.Replace replace && ran) {
            Optional<String> wanted = replace.change().name().map(ContainerName::value);
            check(end.freedName()
                    .equals(wanted.flatMap(name -> end.seen().filter(one -> one.name().equals(name)).isPresent()
                            ? nameBefore(work).filter(before -> !name.equals(before))
                            : wanted)),
                    "kept the wrong name", end);
        }
    }

    private Optional<String> nameBefore(Work work) {
        return entry(work.key()).intent().flatMap(Intent::before).map(ContainerSnapshot::name);
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

    void atTheEnd() {
        Set<ContainerId> left = new HashSet<>();
        world.hosts.forEach(host -> host.engine.containers().forEach(one -> left.add(one.id())));
        check(strangers.stream().allMatch(one -> left.contains(one.id())), "a stranger's container was touched",
                strangers);
        for (MemoryJournal.Entry entry : world.journal.entries()) {
            if (entry.command().isPresent()) {
                Command command = entry.command().get();
                check(entry.outcome().isPresent(), "no end", entry);
                check(effects(entry.key(), EngineCall.Create.class) <= 1, "made twice", entry);
                check(effects(entry.key(), EngineCall.Start.class) <= mostStarts(command), "started twice", entry);
                boolean harmless = command instanceof Command.Kill kill && kill.idempotent();
                check(harmless || kills.stream().filter(entry.key()::equals).count() <= 1, "a signal sent twice",
                        entry);
                counts.merge(entry.outcome().get().status().toString(), 1, Integer::sum);
            }
        }
        inOrder();
        published();
    }

    private void inOrder() {
        Map<Long, Long> reached = new HashMap<>();
        Map<List<Object>, Long> turns = new HashMap<>();
        for (Effect effect : effects) {
            MemoryJournal.Entry entry = entry(effect.key());
            boolean unknown = entry.outcome().filter(end -> end.status() == Outcome.Status.UNKNOWN).isPresent();
            check(!effect.afterEnd() || unknown, "an effect after the result", effect);
            if (!effect.afterEnd()) {
                Long before = reached.put(entry.lane(), entry.seq());
                check(before == null || before <= entry.seq(), "out of order", effect);
                Asked asking = asked.get(effect.key().command());
                asking.turn().ifPresent(turn -> {
                    Long earlier = turns.put(List.of(entry.lane(), asking.key()), turn);
                    check(earlier == null || earlier <= turn, "not in the order in which it was asked", effect);
                });
            }
        }
    }

    /** What those see who read committed records alone. */
    private void published() {
        world.broker.published().forEach(record -> world.trace(() -> "published to " + record.topic() + ": "
                + new String(record.value() == null ? new byte[0] : record.value(), StandardCharsets.UTF_8)));
        Map<String, Integer> results = new HashMap<>();
        Map<Long, Long> lanes = new HashMap<>();
        int deadLetters = 0;
        for (OutboundRecord record : world.broker.published()) {
            switch (record.topic()) {
                case "results" -> {
                    String id = commandId(record);
                    results.merge(id, 1, Integer::sum);
                    MemoryJournal.Entry entry = entry(new WorkKey(new CommandId(id), 0));
                    // What is cancelled ends before its turn.
                    if (entry.lane() > 0
                            && entry.outcome().filter(end -> end.status() == Outcome.Status.CANCELLED).isEmpty()) {
                        Long before = lanes.put(entry.lane(), entry.seq());
                        check(before == null || before < entry.seq(), "results out of order", entry);
                    }
                }
                case "commands.dlq" -> deadLetters++;
                default -> {
                }
            }
        }
        for (CommandId id : asked.keySet()) {
            check(results.getOrDefault(id.value(), 0) > 0, "no result", id);
            check(results.get(id.value()) == 1, "more than one result", id);
        }
        check(results.size() == asked.size(), "a result that nobody asked for", results);
        check(deadLetters >= fewestDeadLetters && deadLetters <= mostDeadLetters, "dead letters lost or doubled",
                deadLetters + " of " + fewestDeadLetters + " to " + mostDeadLetters);
    }

    private static String commandId(OutboundRecord result) {
        try {
            return JSON.readTree(result.value()).path("command_id").asText();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isThere(ContainerId id) {
        return world.hosts.stream().flatMap(host -> host.engine.containers().stream())
                .anyMatch(one -> one.id().equals(id));
    }

    /** A replacement that is undone starts the old container, too. */
    private static int mostStarts(Command command) {
        return command instanceof Command.Replace ? 2 : 1;
    }

    private long effects(Work work, Class<? extends EngineCall> kind) {
        return effects(work.key(), kind);
    }

    private long effects(WorkKey key, Class<? extends EngineCall> kind) {
        return effects.stream().filter(one -> one.key().equals(key) && kind.isInstance(one.call())).count();
    }

    private Optional<ContainerSnapshot> container(Work work) {
        boolean makes = work.command() instanceof Command.Create || work.command() instanceof Command.Replace;
        Optional<String> name = work.command() instanceof Command.Create create && work.key().child() > 0
                ? Optional.of(create.memberName(work.key().child()).value())
                : Optional.empty();
        return world.hosts.stream().flatMap(host -> host.engine.containers().stream())
                .filter(one -> makes
                        ? work.key().command().value().equals(one.labels().get(Labels.COMMAND_ID))
                                && name.filter(wanted -> !wanted.equals(one.name())).isEmpty()
                        : work.container().filter(one.id()::equals).isPresent())
                .findFirst();
    }
}
