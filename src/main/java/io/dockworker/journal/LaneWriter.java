package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.Header;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Writes accepted work into its lanes. A lane numbers its work on its own locked row, so that no late commit slips behind. */
final class LaneWriter {
    /** A lane that was to be joined has just ended; the transaction is to be tried again. */
    static final class LaneVanished extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private LaneWriter() {}

    /**
     * Gives the planned work its lanes and its places in them.
     *
     * @return the lanes that have work now, by host
     * @throws LaneVanished if a lane has ended since it was read
     */
    static Map<String, Set<Long>> place(Handle transaction, Acceptance acceptance, Instant now) {
        if (acceptance.placed.isEmpty()) {
            return Map.of();
        }
        Map<Long, Long> numbers = openLanes(transaction, acceptance);
        Map<Long, Long> lastSeq = lockLanes(transaction, acceptance, numbers);
        insertNames(transaction, acceptance, numbers);
        PreparedBatch insert = transaction.prepareBatch("""
                insert into commands (id, child, content_hash, type, body, spec_hash, message_key, correlation_id,
                    traceparent, host, lane, seq, state, open_children, received_at, expires_at, deadline_at)
                values (:id, :child, :hash, :type, :body, :spec, :key, :correlation, :trace, :host, :lane, :seq, :state,
                    :open, :now, :expires, :deadline)""");
        // The parts of a command share its body, which row 0 keeps: a thousand copies of a large one would be too many.
        acceptance.parents.forEach((source, children) -> bindCommand(insert, source, now).bind("child", 0)
                .bind("body", Json.write(source.command()))
                .bindByType("host", null, String.class).bindByType("lane", null, Long.class)
                .bindByType("seq", null, Long.class).bind("state", "parent").bindByType("open", children, Integer.class)
                .add());
        Map<String, Set<Long>> work = new TreeMap<>();
        for (Acceptance.Placed placed : acceptance.placed) {
            long lane = numbers.getOrDefault(placed.lane().lane(), placed.lane().lane());
            long seq = lastSeq.merge(lane, 1L, Long::sum);
            String body = placed.key().child() == 0 ? Json.write(placed.source().command()) : null;
            bindCommand(insert, placed.source(), now).bind("child", placed.key().child()).bind("body", body)
                    .bindByType("host", placed.lane().host(), String.class).bindByType("lane", lane, Long.class)
                    .bindByType("seq", seq, Long.class).bind("state", "queued")
                    .bindByType("open", null, Integer.class).add();
            work.computeIfAbsent(placed.lane().host(), _ -> new TreeSet<>()).add(lane);
        }
        insert.execute();
        PreparedBatch advance = transaction.prepareBatch("update lanes set last_seq = :seq where lane = :lane");
        new TreeMap<>(lastSeq).forEach((lane, seq) -> advance.bind("lane", lane).bind("seq", seq).add());
        advance.execute();
        return work;
    }

    private static PreparedBatch bindCommand(PreparedBatch insert, Incoming.Valid source, Instant now) {
        Command command = source.command();
        Header header = command.header();
        return insert.bind("id", command.id().value()).bind("hash", source.contentHash())
                .bind("type", command.type().toString())
                .bind("spec", source.specHash().orElse(null)).bind("key", keyOf(source))
                .bind("correlation", header.correlationId().orElse(null))
                .bind("trace", header.traceparent().orElse(null)).bind("now", now)
                .bindByType("expires", header.expiresAt().orElse(null), Instant.class)
                .bind("deadline", now.plus(command.deadline()));
    }

    /** The key of the result: the record's own, else the one that the record should have had. */
    static byte[] keyOf(Incoming.Valid source) {
        return source.source().key() != null
                ? source.source().key()
                : source.command().key().getBytes(StandardCharsets.UTF_8);
    }

    /** After the lanes are locked: one that has just ended must not be referred to. */
    private static void insertNames(Handle transaction, Acceptance acceptance, Map<Long, Long> numbers) {
        if (!acceptance.namesTaken.isEmpty()) {
            PreparedBatch names = transaction.prepareBatch(
                    "insert into names (name, lane) values (:name, :lane) on conflict do nothing");
            acceptance.namesTaken.forEach((name, lane) -> names.bind("name", name)
                    .bind("lane", numbers.getOrDefault(lane.lane(), lane.lane())).add());
            names.execute();
        }
    }

    private static Map<Long, Long> openLanes(Handle transaction, Acceptance acceptance) {
        Map<Long, Long> numbers = new HashMap<>();
        if (acceptance.opened.isEmpty()) {
            return numbers;
        }
        List<Long> given = transaction.createQuery("""
                select nextval(pg_get_serial_sequence('lanes', 'lane')) from generate_series(1, :n)""")
                .bind("n", acceptance.opened.size()).mapTo(Long.class).list();
        PreparedBatch lanes = transaction
                .prepareBatch("insert into lanes (lane, host, image) values (:lane, :host, :image)");
        for (int i = 0; i < given.size(); i++) {
            LaneRow lane = acceptance.opened.get(i);
            numbers.put(lane.lane(), given.get(i));
            lanes.bind("lane", given.get(i)).bind("host", lane.host()).bind("image", lane.image()).add();
        }
        lanes.execute();
        return numbers;
    }

    private static Map<Long, Long> lockLanes(Handle transaction, Acceptance acceptance, Map<Long, Long> numbers) {
        Map<Long, Long> lastSeq = new HashMap<>();
        numbers.values().forEach(lane -> lastSeq.put(lane, 0L));
        Set<Long> existing = new TreeSet<>();
        acceptance.placed.stream().map(placed -> placed.lane().lane()).filter(lane -> lane > 0).forEach(existing::add);
        if (!existing.isEmpty()) {
            transaction
                    .createQuery("select lane, last_seq from lanes where lane = any(:lanes) order by lane for update")
                    .bindArray("lanes", Long.class, existing)
                    .map((row, _) -> lastSeq.put(row.getLong(1), row.getLong(2))).list();
            if (!lastSeq.keySet().containsAll(existing)) {
                throw new LaneVanished();
            }
        }
        return lastSeq;
    }
}
