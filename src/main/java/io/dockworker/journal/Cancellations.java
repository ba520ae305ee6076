package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * The cancellations of a batch, and what they mean for it. The ids concerned are locked, so a command either is on record
 * or cannot come before this transaction has ended.
 */
final class Cancellations {
    private final Handle transaction;
    private final HostId self;
    private final List<Incoming.Valid> others = new ArrayList<>();
    private final List<Acceptance.Ended> ended = new ArrayList<>();

    Cancellations(Handle transaction, HostId self, List<Incoming.Valid> batch) {
        this.transaction = transaction;
        this.self = self;
        Map<String, Incoming.Valid> coming = new HashMap<>();
        List<Incoming.Valid> cancels = new ArrayList<>();
        for (Incoming.Valid incoming : batch) {
            if (incoming.command() instanceof Command.Cancel) {
                cancels.add(incoming);
            } else {
                coming.put(incoming.command().id().value(), incoming);
            }
        }
        Set<String> cancelled = cancelledBefore(coming.keySet());
        for (Incoming.Valid incoming : cancels) {
            String id = ((Command.Cancel) incoming.command()).command().value();
            if (coming.containsKey(id)) {
                // In one batch the order says nothing: they came at the same time.
                boolean changed = cancelled.add(id);
                ended.add(new Acceptance.Ended(incoming, Outcome.succeeded(changed)));
            } else {
                ended.add(new Acceptance.Ended(incoming, cancel(id)));
            }
        }
        for (Incoming.Valid incoming : batch) {
            if (cancelled.contains(incoming.command().id().value())) {
                ended.add(new Acceptance.Ended(incoming, cancelled()));
            } else if (!(incoming.command() instanceof Command.Cancel)) {
                others.add(incoming);
            }
        }
    }

    /** What is to be executed. */
    List<Incoming.Valid> others() {
        return others;
    }

    /** Cancellations, and what of the batch they have cancelled. */
    List<Acceptance.Ended> ended() {
        return ended;
    }

    private Set<String> cancelledBefore(Set<String> ids) {
        return ids.isEmpty()
                ? new HashSet<>()
                : new HashSet<>(transaction.createQuery("select id from cancellations where id = any(:ids)")
                        .bindArray("ids", String.class, ids).mapTo(String.class).set());
    }

    private Outcome cancel(String id) {
        Optional<String> status = transaction
                .createQuery("select coalesce(status, '') from commands where id = :id and child = 0").bind("id", id)
                .mapTo(String.class).findOne();
        if (status.isEmpty()) {
            int rows = transaction.createUpdate("insert into cancellations (id) values (:id) on conflict do nothing")
                    .bind("id", id).execute();
            return Outcome.succeeded(rows > 0);
        }
        if (status.get().equals(Outcome.Status.CANCELLED.toString())) {
            return Outcome.succeeded(false);
        }
        Map<String, Command> commands = new HashMap<>();
        // Locked: what begins at this moment either has begun before, or finds it ended.
        List<Work> open = transaction.createQuery(
                """
                        select c.*, coalesce(c.body, whole.body) as command, clock_timestamp() as read_at, l.container_id,
                            l.had_container, l.spec
                        from commands c join lanes l using (lane)
                        left join commands whole on c.child > 0 and whole.id = c.id and whole.child = 0
                        where c.id = :id and c.state in ('queued', 'executing') order by c.child for update of c""")
                .bind("id", id).map((row, _) -> WorkRows.work(row, commands)).list();
        boolean begun = !status.get().isEmpty() || open.stream().anyMatch(work -> work.attempts() > 0)
                || transaction.createQuery("select exists (select 1 from commands where id = :id and child > 0 "
                        + "and state = 'done')").bind("id", id).mapTo(Boolean.class).one();
        if (begun) {
            return Outcome.ended(Outcome.Status.FAILED, Failure.at("/command_id", ErrorCode.TOO_LATE,
                    "the command " + id + (status.get().isEmpty() ? " has begun" : " is over: " + status.get())));
        }
        StepWriter.write(transaction, self,
                open.stream().<LaneStep>map(work -> new LaneStep.End(Completion.untouched(work, cancelled(work))))
                        .toList());
        return Outcome.succeeded(true);
    }

    private static Outcome cancelled(Work work) {
        return work.ended(Outcome.Status.CANCELLED, failure());
    }

    private static Outcome cancelled() {
        return Outcome.ended(Outcome.Status.CANCELLED, failure());
    }

    private static Failure failure() {
        return Failure.of(ErrorCode.CANCELLED, "it was cancelled before it began");
    }
}
