package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Commands that concern several containers: the last part to end writes the one result. */
final class Parents {
    private record Part(Outcome outcome, int attempts, Optional<Instant> startedAt, HostId host,
            Map<String, Duration> timings) {}

    private Parents() {}

    /** @return the results of the commands whose last part has ended now */
    static List<OutboxMessage> count(Handle transaction, List<Completion> ends) {
        Map<String, Integer> ended = new TreeMap<>();
        for (Completion end : ends) {
            if (end.work().key().child() > 0) {
                ended.merge(end.work().key().command().value(), 1, Integer::sum);
            }
        }
        List<OutboxMessage> results = new ArrayList<>();
        ended.forEach((id, parts) -> {
            int open = transaction.createQuery("""
                    update commands set open_children = open_children - :parts where id = :id and child = 0
                    returning open_children""").bind("id", id).bind("parts", parts).mapTo(Integer.class).one();
            if (open == 0) {
                results.add(finish(transaction, id));
            }
        });
        return results;
    }

    private static OutboxMessage finish(Handle transaction, String id) {
        List<Part> parts = transaction.createQuery("""
                select outcome, attempts, started_at, host, coalesce(timings, '{}') from commands
                where id = :id and child > 0 order by child""")
                .bind("id", id)
                .map((row, _) -> new Part(Json.read(row.getString(1), Outcome.class), row.getInt(2),
                        Optional.ofNullable(row.getTimestamp(3)).map(Timestamp::toInstant),
                        new HostId(row.getString(4)), Json.readDurations(row.getString(5))))
                .list();
        Outcome outcome = merge(parts.stream().map(Part::outcome).toList());
        Optional<Instant> started = parts.stream().flatMap(part -> part.startedAt().stream()).min(Instant::compareTo);
        Map<String, Duration> timings = timings(parts.stream().map(Part::timings).toList());
        Set<HostId> hosts = parts.stream().map(Part::host).collect(Collectors.toSet());
        return transaction.createQuery("""
                update commands set state = 'done', status = :status, outcome = :outcome, started_at = :started,
                    timings = :timings, finished_at = clock_timestamp()
                where id = :id and child = 0
                returning body, message_key, received_at, finished_at""").bind("id", id)
                .bind("status", outcome.status().toString()).bind("outcome", Json.write(outcome))
                .bind("started", started.orElse(null)).bind("timings", Json.write(timings)).map((row, _) -> {
                    Command command = Json.read(row.getString("body"), Command.class);
                    return new OutboxMessage.Result(row.getBytes("message_key"),
                            new CommandResult(new CommandId(id), command.type().toString(), outcome,
                                    hosts.size() == 1 ? Optional.of(hosts.iterator().next()) : Optional.empty(),
                                    parts.stream().mapToInt(Part::attempts).max().orElse(0),
                                    row.getTimestamp("received_at").toInstant(), started,
                                    row.getTimestamp("finished_at").toInstant(), timings,
                                    command.header().correlationId(), command.header().traceparent()));
                }).one();
    }

    /** How long the first waited, and of every other phase the longest: the parts go through them side by side. */
    static Map<String, Duration> timings(List<Map<String, Duration>> parts) {
        Map<String, Duration> timings = new HashMap<>();
        for (Map<String, Duration> part : parts) {
            part.forEach((phase, time) -> timings.merge(phase, time,
                    phase.equals("queued") ? Parents::shorter : Parents::longer));
        }
        return timings;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Any part unknown makes the whole unknown; else any part not succeeded makes it failed; what was made stays. */
    static Outcome merge(List<Outcome> parts) {
        List<Outcome.Member> members = parts.stream().flatMap(part -> part.containers().stream()).toList();
        boolean changed = parts.stream().anyMatch(Outcome::changed);
        long succeeded = parts.stream().filter(part -> part.status() == Outcome.Status.SUCCEEDED).count();
        if (succeeded == parts.size()) {
            return new Outcome(Outcome.Status.SUCCEEDED, changed, members, Optional.empty());
        }
        if (parts.stream().allMatch(part -> part.status() == Outcome.Status.CANCELLED)) {
            return new Outcome(Outcome.Status.CANCELLED, false, members, parts.getFirst().failure());
        }
        String first = parts.stream().flatMap(part -> part.failure().stream()).map(Failure::message).findFirst()
                .orElse("see the containers");
        String message = succeeded + " of " + parts.size() + " succeeded; the first that did not: " + first;
        if (parts.stream().anyMatch(part -> part.status() == Outcome.Status.UNKNOWN)) {
            return new Outcome(Outcome.Status.UNKNOWN, changed, members,
                    Optional.of(Failure.of(ErrorCode.OUTCOME_UNKNOWN, message)));
        }
        return new Outcome(Outcome.Status.FAILED, changed, members,
                Optional.of(Failure.of(ErrorCode.PARTIAL, message)));
    }
}
