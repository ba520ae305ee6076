package io.dockworker.execution;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import io.dockworker.journal.Completion;
import io.dockworker.journal.Intent;
import io.dockworker.journal.Recorded;
import io.dockworker.journal.Work;
import io.dockworker.journal.WorkKey;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The journal in memory: lanes and their work, guarded by state and attempt as the real one guards its rows. */
final class Ledger {
    private static final HostId HOST = new HostId("host-a");

    private final Map<WorkKey, Row> rows = new LinkedHashMap<>();
    private final Map<Long, ContainerId> held = new HashMap<>();
    private final Set<Long> hadContainer = new HashSet<>();
    private final Map<Long, ContainerSpec> specs = new HashMap<>();

    /** A command as it is on record; its lane's container is not its own but its lane's. */
    record Row(Work work, Optional<Outcome> outcome) {}

    void accept(Command command, long lane, Instant now) {
        long seq = 1 + rows.values().stream().filter(row -> row.work().lane() == lane).count();
        Optional<String> specHash = command instanceof Command.Create || command instanceof Command.Replace
                ? Optional.of("spec")
                : Optional.empty();
        var key = new WorkKey(command.id(), 0);
        rows.put(key,
                new Row(new Work(key, command, HOST, lane, seq, Optional.empty(), false, Optional.empty(), specHash,
                        new byte[0], 0, 0,
                        Optional.empty(), now, now.plus(command.deadline()), command.header().expiresAt(),
                        Optional.empty(), now, 0), Optional.empty()));
    }

    Optional<Work> head(long lane) {
        return rows.values().stream().filter(row -> row.work().lane() == lane && row.outcome().isEmpty()).findFirst()
                .map(row -> with(row.work(), row.work().attempts(), row.work().intent(), row.work().startedAt()));
    }

    Recorded begin(Work work, Intent intent, Instant now) {
        Row row = rows.get(work.key());
        if (row.outcome().isPresent()) {
            return new Recorded.Over();
        }
        boolean expired = work.attempts() == 0
                && work.command().header().expiresAt().filter(at -> !at.isAfter(now)).isPresent();
        if (row.work().attempts() != work.attempts() || expired) {
            return new Recorded.Expired();
        }
        Instant startedAt = row.work().startedAt().orElse(now);
        rows.put(work.key(), new Row(with(work, work.attempts() + 1, Optional.of(intent), Optional.of(startedAt)),
                Optional.empty()));
        return new Recorded.Begun(work.attempts() + 1, startedAt);
    }

    void note(Work work, int attempt, Intent intent) {
        Row row = rows.get(work.key());
        if (row.outcome().isEmpty() && row.work().attempts() == attempt) {
            rows.put(work.key(), new Row(with(row.work(), attempt, Optional.of(intent), row.work().startedAt()),
                    Optional.empty()));
        }
    }

    /** @return false if it is not this attempt's to end */
    boolean end(Completion completion) {
        Work work = completion.work();
        Row row = rows.get(work.key());
        if (row.outcome().isPresent() || row.work().attempts() != completion.attempt()) {
            return false;
        }
        rows.put(work.key(), new Row(row.work(), Optional.of(completion.outcome())));
        completion.laneHolds().ifPresentOrElse(id -> {
            held.put(work.lane(), id);
            hadContainer.add(work.lane());
        }, () -> held.remove(work.lane()));
        completion.spec().ifPresent(spec -> specs.put(work.lane(), spec));
        return true;
    }

    /** Whether this attempt's intent is on record, and it is not over: only then may the engine be touched. */
    boolean mayAct(WorkKey key, int attempt) {
        Row row = rows.get(key);
        return row.outcome().isEmpty() && attempt > 0 && row.work().attempts() == attempt;
    }

    Row row(WorkKey key) {
        return rows.get(key);
    }

    Collection<Row> rows() {
        return rows.values();
    }

    private Work with(Work work, int attempts, Optional<Intent> intent, Optional<Instant> startedAt) {
        return new Work(work.key(), work.command(), HOST, work.lane(), work.seq(),
                Optional.ofNullable(held.get(work.lane())), hadContainer.contains(work.lane()),
                Optional.ofNullable(specs.get(work.lane())),
                work.specHash(), work.messageKey(), attempts, work.interruptions(), intent,
                work.receivedAt(), work.deadlineAt(), work.expiresAt(), startedAt, work.readAt(), 0);
    }
}
