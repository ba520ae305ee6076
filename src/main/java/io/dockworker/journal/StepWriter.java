package io.dockworker.journal;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.HostId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Writes the steps of many lanes with a few statements, whatever their number. */
final class StepWriter {
    private final Handle transaction;
    private final HostId host;
    private final Map<WorkKey, Recorded> recorded = new HashMap<>();
    private final List<OutboxMessage> messages = new ArrayList<>();

    private StepWriter(Handle transaction, HostId host) {
        this.transaction = transaction;
        this.host = host;
    }

    static List<Recorded> write(Handle transaction, HostId host, List<LaneStep> steps) {
        var writer = new StepWriter(transaction, host);
        List<LaneStep.Begin> begins = new ArrayList<>();
        List<LaneStep.Note> notes = new ArrayList<>();
        List<LaneStep.Cut> cuts = new ArrayList<>();
        List<Completion> ends = new ArrayList<>();
        for (LaneStep step : steps) {
            switch (step) {
                case LaneStep.Begin begin -> begins.add(begin);
                case LaneStep.Note note -> notes.add(note);
                case LaneStep.Cut cut -> cuts.add(cut);
                case LaneStep.End end -> ends.add(end.completion());
            }
        }
        begins.sort(Comparator.comparing(begin -> begin.work().key()));
        ends.sort(Comparator.comparing(end -> end.work().key()));
        writer.begin(begins);
        writer.note(notes);
        writer.cut(cuts);
        writer.end(ends);
        return steps.stream().map(step -> writer.recorded.get(step.work().key())).toList();
    }

    private void begin(List<LaneStep.Begin> begins) {
        if (begins.isEmpty()) {
            return;
        }
        List<Work> works = begins.stream().map(LaneStep.Begin::work).toList();
        bindKeys(transaction.createQuery("""
                update commands c
                set state = 'executing', attempts = b.attempts + 1, intent = b.intent,
                    started_at = coalesce(c.started_at, clock_timestamp())
                from unnest(:ids, :children, :attempts, :intents) b(id, child, attempts, intent)
                where c.id = b.id and c.child = b.child and c.state in ('queued', 'executing')
                    and c.attempts = b.attempts
                    and (b.attempts > 0 or c.expires_at is null or c.expires_at > clock_timestamp())
                returning c.id, c.child, c.attempts, c.started_at"""), works)
                .bindArray("intents", String.class,
                        begins.stream().map(begin -> Json.write(begin.intent())).toList())
                .map((row, _) -> recorded.put(key(row),
                        new Recorded.Begun(row.getInt("attempts"), row.getTimestamp("started_at").toInstant())))
                .list();
        List<Work> rest = works.stream().filter(work -> !recorded.containsKey(work.key())).toList();
        if (!rest.isEmpty()) {
            explain(rest);
        }
    }

    /** Few and rare, so one by one. */
    private void note(List<LaneStep.Note> notes) {
        for (LaneStep.Note note : notes) {
            int rows = transaction.createUpdate("""
                    update commands set intent = :intent
                    where id = :id and child = :child and state = 'executing' and attempts = :attempt""")
                    .bind("intent", Json.write(note.intent())).bind("id", note.work().key().command().value())
                    .bind("child", note.work().key().child()).bind("attempt", note.attempt()).execute();
            recorded.put(note.work().key(), rows == 0 ? new Recorded.Over() : new Recorded.Noted());
        }
    }

    /** Once in a worker's life, so one by one. */
    private void cut(List<LaneStep.Cut> cuts) {
        for (LaneStep.Cut cut : cuts) {
            int rows = transaction.createUpdate("""
                    update commands set interruptions = interruptions + 1, interrupted_attempt = :attempt
                    where id = :id and child = :child and state = 'executing' and attempts = :attempt
                        and interrupted_attempt is distinct from :attempt""")
                    .bind("id", cut.work().key().command().value()).bind("child", cut.work().key().child())
                    .bind("attempt", cut.attempt()).execute();
            recorded.put(cut.work().key(), rows == 0 ? new Recorded.Over() : new Recorded.Noted());
        }
    }

    /** Why a step did not begin: it did so in a commit whose answer was lost, it is over, or it came too late. */
    private void explain(List<Work> works) {
        Map<WorkKey, Work> byKey = works.stream().collect(Collectors.toMap(Work::key, Function.identity()));
        bindKeys(transaction.createQuery("""
                select c.* from commands c join unnest(:ids, :children, :attempts) b(id, child, attempts)
                on c.id = b.id and c.child = b.child"""), works).map((row, _) -> {
            int attempts = row.getInt("attempts");
            Recorded what = row.getString("state").equals("done")
                    ? new Recorded.Over()
                    : attempts == byKey.get(key(row)).attempts() + 1
                            ? new Recorded.Begun(attempts, row.getTimestamp("started_at").toInstant())
                            : new Recorded.Expired();
            return recorded.put(key(row), what);
        }).list();
    }

    private void end(List<Completion> ends) {
        if (ends.isEmpty()) {
            return;
        }
        Map<WorkKey, Instant> finished = markDone(ends);
        List<Completion> now = ends.stream().filter(end -> finished.containsKey(end.work().key())).toList();
        Map<Long, Boolean> more = LaneRows.update(transaction, now);
        for (Completion end : ends) {
            recorded.put(end.work().key(), new Recorded.Ended(more.getOrDefault(end.work().lane(), true)));
        }
        List<OutboxMessage> states = new ArrayList<>();
        List<ContainerEvent> events = new ArrayList<>(now.stream().flatMap(end -> end.events().stream()).toList());
        events.addAll(ContainerRows.write(transaction, host, now, states));
        EventRows.insert(transaction, events).forEach(event -> messages.add(new OutboxMessage.Event(event)));
        messages.addAll(states);
        for (Completion end : now) {
            if (end.work().key().child() == 0) {
                Work work = end.work();
                messages.add(new OutboxMessage.Result(work.messageKey(),
                        new CommandResult(work.key().command(), work.command().type().toString(), end.outcome(),
                                Optional.of(work.host()), end.attempt(), work.receivedAt(), end.startedAt(),
                                finished.get(work.key()), end.timings(), work.command().header().correlationId(),
                                work.command().header().traceparent())));
            }
        }
        messages.addAll(Parents.count(transaction, now));
        OutboxWriter.append(transaction, host, messages);
    }

    private Map<WorkKey, Instant> markDone(List<Completion> ends) {
        Map<WorkKey, Instant> finished = new HashMap<>();
        List<Work> works = ends.stream().map(Completion::work).toList();
        bindKeys(transaction.createQuery("""
                update commands c
                set state = 'done', lane = null, container = b.container, status = b.status, outcome = b.outcome,
                    timings = b.timings,
                    finished_at = clock_timestamp()
                from unnest(:ids, :children, :attempts, :ended, :statuses, :outcomes, :timings, :containers)
                    b(id, child, attempts, ended, status, outcome, timings, container)
                where c.id = b.id and c.child = b.child and c.state in ('queued', 'executing') and c.attempts = b.ended
                returning c.id, c.child, c.finished_at"""), works)
                .bindArray("ended", Integer.class, ends.stream().map(Completion::attempt).toList())
                .bindArray("statuses", String.class,
                        ends.stream().map(end -> end.outcome().status().toString()).toList())
                .bindArray("outcomes", String.class, ends.stream().map(end -> Json.write(end.outcome())).toList())
                .bindArray("timings", String.class, ends.stream().map(end -> Json.write(end.timings())).toList())
                .bindArray("containers", String.class, ends.stream().map(StepWriter::container).toList())
                .map((row, _) -> finished.put(key(row), row.getTimestamp("finished_at").toInstant())).list();
        return finished;
    }

    private static WorkKey key(ResultSet row) throws SQLException {
        return new WorkKey(new CommandId(row.getString("id")), row.getInt("child"));
    }

    private static org.jdbi.v3.core.statement.Query bindKeys(org.jdbi.v3.core.statement.Query query, List<Work> works) {
        return query.bindArray("ids", String.class, works.stream().map(work -> work.key().command().value()).toList())
                .bindArray("children", Integer.class, works.stream().map(work -> work.key().child()).toList())
                .bindArray("attempts", Integer.class, works.stream().map(Work::attempts).toList());
    }

    /** The one that it was about, for whoever wants to tell its doings from those of others; null for none. */
    private static String container(Completion end) {
        return end.work().container().or(end::gone).or(() -> end.seen().map(ContainerSnapshot::id))
                .map(ContainerId::value).orElse(null);
    }
}
