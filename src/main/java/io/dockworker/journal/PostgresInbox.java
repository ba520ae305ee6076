package io.dockworker.journal;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.CommandResult;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The inbox in PostgreSQL: a batch of one partition and the partition's new position, in one transaction. */
public final class PostgresInbox implements Inbox {
    /** The channel that tells other workers of work in their lanes; the payload is the host. */
    public static final String CHANNEL = "dockworker_lanes";

    /** Of each kind; a power of two. */
    private static final int LOCKS = 1_024;

    private final Store store;
    private final Fence fence;

    public PostgresInbox(Jdbi jdbi, Fence fence) {
        this.store = new Store(jdbi);
        this.fence = fence;
    }

    @Override
    public Optional<Position> position(String topic, int partition) {
        return store.read(handle -> readPosition(handle, topic, partition));
    }

    @Override
    public long open() {
        return store.read(handle -> handle.createQuery("""
                select count(*) from commands c join hosts using (host)
                where c.state in ('queued', 'executing') and\s""" + Hosts.LIVE)
                .mapTo(Long.class).one());
    }

    @Override
    public Taken accept(IntakeBatch batch) {
        while (true) {
            try {
                return store.inTransaction(transaction -> accept(transaction, batch));
            } catch (LaneWriter.LaneVanished _) {
                // Its last command ended between our reading and our locking: read again.
            }
        }
    }

    private Taken accept(Handle transaction, IntakeBatch batch) {
        // A lock of its own rather than the row's: there may be no row yet.
        lock(transaction, 2, List.of(batch.topic() + "/" + batch.partition()));
        if (!readPosition(transaction, batch.topic(), batch.partition()).equals(batch.before())) {
            return new Taken.Moved();
        }
        Instant now = transaction.createQuery("select clock_timestamp()").mapTo(Instant.class).one();
        var news = new News(transaction, batch);
        // Before any lane: a cancellation locks those that it takes work from.
        lockNames(transaction, Acceptance.names(news.commands));
        var cancellations = new Cancellations(transaction, fence.host(), news.commands);
        Acceptance acceptance = plan(transaction, cancellations.others());
        Map<String, Set<Long>> work = LaneWriter.place(transaction, acceptance, now);
        List<OutboxMessage> messages = new ArrayList<>(news.deadLetters);
        for (Acceptance.Ended ended : Stream.concat(cancellations.ended().stream(), acceptance.ended.stream())
                .toList()) {
            Command command = ended.source().command();
            messages.add(insertEnded(transaction, command.id().value(), command.type().toString(),
                    ended.host(), ended.source().contentHash(), ended.outcome(), command.header().correlationId(),
                    command.header().traceparent(), LaneWriter.keyOf(ended.source()), now));
        }
        for (Incoming.Invalid invalid : news.invalid) {
            messages.add(insertEnded(transaction, invalid.id().value(), invalid.type(), Optional.empty(),
                    invalid.contentHash(),
                    Outcome.ended(Outcome.Status.REJECTED, invalid.failure()), invalid.correlationId(),
                    invalid.traceparent(), invalid.source().key(), now));
        }
        OutboxWriter.append(transaction, fence.host(), messages);
        writePosition(transaction, batch);
        Set<Long> own = notifyOwners(transaction, work);
        fence.hold(transaction);
        return new Taken.Stored(own, news.deadLetterCounts());
    }

    /** The records of a batch that take an id, and those that are dead letters. */
    private static final class News {
        final List<Incoming.Valid> commands = new ArrayList<>();
        final List<Incoming.Invalid> invalid = new ArrayList<>();
        final List<OutboxMessage> deadLetters = new ArrayList<>();

        News(Handle transaction, IntakeBatch batch) {
            Set<String> ids = new TreeSet<>();
            for (Incoming record : batch.records()) {
                switch (record) {
                    case Incoming.Valid valid -> {
                        ids.add(valid.command().id().value());
                        if (valid.command() instanceof Command.Cancel cancel) {
                            ids.add(cancel.command().value());
                        }
                    }
                    case Incoming.Invalid rejected -> ids.add(rejected.id().value());
                    case Incoming.Unreadable _ -> {
                    }
                }
            }
            Map<String, byte[]> known = lockIds(transaction, ids);
            for (Incoming record : batch.records()) {
                switch (record) {
                    case Incoming.Valid valid -> {
                        if (isNew(known, valid.command().id().value(), valid.contentHash(), valid.source())) {
                            commands.add(valid);
                        }
                    }
                    case Incoming.Invalid rejected -> {
                        if (isNew(known, rejected.id().value(), rejected.contentHash(), rejected.source())) {
                            invalid.add(rejected);
                        }
                    }
                    case Incoming.Unreadable unreadable -> deadLetters.add(new OutboxMessage.DeadLetter(
                            unreadable.source(), unreadable.code(), unreadable.message()));
                }
            }
        }

        private boolean isNew(Map<String, byte[]> known, String id, byte[] hash, Source source) {
            byte[] earlier = known.putIfAbsent(id, hash);
            if (earlier != null && !Arrays.equals(earlier, hash)) {
                deadLetters.add(new OutboxMessage.DeadLetter(source, "ID_REUSED", "the id " + id
                        + " is spent on another command; give every command an id of its own (a UUID or ULID)"));
            }
            return earlier == null;
        }

        Map<String, Integer> deadLetterCounts() {
            Map<String, Integer> counts = new TreeMap<>();
            deadLetters.forEach(letter -> counts.merge(((OutboxMessage.DeadLetter) letter).code(), 1, Integer::sum));
            return counts;
        }
    }

    /**
     * Two workers may accept the same id from two partitions at once. Advisory locks, taken in order, make the second
     * wait until it can see the first's row; an insert alone would wait too, but out of order with the lanes.
     */
    private static Map<String, byte[]> lockIds(Handle transaction, Collection<String> ids) {
        lock(transaction, 0, ids);
        Map<String, byte[]> known = new HashMap<>();
        transaction.createQuery("select id, content_hash from commands where child = 0 and id = any(:ids)")
                .bindArray("ids", String.class, ids)
                .map((row, _) -> known.put(row.getString(1), row.getBytes(2))).list();
        return known;
    }

    /** Holds names that may be taken until the transaction ends, so that whoever finds one free may take it. */
    static void lockNames(Handle transaction, Collection<String> names) {
        lock(transaction, 1, names);
    }

    /**
     * Words share a bounded number of locks, whatever there are: the server's table of locks is small, and all sessions
     * have it together. Who waits for another's word waits needlessly, but not long.
     */
    private static void lock(Handle transaction, int space, Collection<String> words) {
        if (!words.isEmpty()) {
            transaction.createQuery("""
                    with keys as materialized (
                        select distinct hashtext(word) & :mask as key from unnest(:words) word order by key)
                    select pg_advisory_xact_lock(:space, key) from keys""").bind("space", space)
                    .bind("mask", LOCKS - 1).bindArray("words", String.class, words).map((_, _) -> 0).list();
        }
    }

    private Acceptance plan(Handle transaction, List<Incoming.Valid> commands) {
        Set<String> references = Acceptance.names(commands);
        Map<String, LaneRow> byName = new HashMap<>();
        Map<String, LaneRow> byContainer = new HashMap<>();
        Map<String, List<LaneRow>> byPrefix = new HashMap<>();
        Map<String, List<LaneRow>> byImage = new HashMap<>();
        if (!references.isEmpty()) {
            transaction.createQuery("""
                    select n.name as ref, true as by_name, l.* from names n join lanes l using (lane)
                    where n.name = any(:refs)
                    union all
                    select l.container_id, false, l.* from lanes l where l.container_id = any(:refs)""")
                    .bindArray("refs", String.class, references)
                    .map((row, _) -> (row.getBoolean("by_name") ? byName : byContainer).put(row.getString("ref"),
                            lane(row)))
                    .list();
        }
        List<String> prefixes = references.stream().filter(ref -> !byName.containsKey(ref)
                && !byContainer.containsKey(ref) && ref.matches("[0-9a-f]{" + Acceptance.MIN_PREFIX + ",63}")).toList();
        if (!prefixes.isEmpty()) {
            transaction.createQuery("""
                    select p.prefix, l.* from unnest(:prefixes) p(prefix)
                    join lanes l on l.container_id like p.prefix || '%'""")
                    .bindArray("prefixes", String.class, prefixes)
                    .map((row, _) -> byPrefix.computeIfAbsent(row.getString("prefix"), _ -> new ArrayList<>())
                            .add(lane(row)))
                    .list();
        }
        Set<String> images = Acceptance.images(commands);
        if (!images.isEmpty()) {
            transaction.createQuery("select * from lanes where image = any(:images) order by lane")
                    .bindArray("images", String.class, images)
                    .map((row, _) -> byImage.computeIfAbsent(row.getString("image"), _ -> new ArrayList<>())
                            .add(lane(row)))
                    .list();
        }
        Set<String> hosts = transaction.createQuery("select host from hosts").mapTo(String.class).set();
        var acceptance = new Acceptance(fence.host(), Placement.read(transaction, fence.host()), hosts, byName,
                byContainer, byPrefix, byImage);
        commands.forEach(acceptance::accept);
        return acceptance;
    }

    private static LaneRow lane(ResultSet row) throws SQLException {
        return new LaneRow(row.getLong("lane"), row.getString("host"), row.getString("image"),
                row.getString("container_id"));
    }

    private static OutboxMessage insertEnded(Handle transaction, String id, String type, Optional<HostId> host,
            byte[] hash, Outcome outcome, Optional<String> correlation, Optional<String> trace, byte[] key,
            Instant now) {
        transaction.createUpdate("""
                insert into commands (id, content_hash, type, host, message_key, correlation_id, traceparent, state,
                    received_at, finished_at, status, outcome)
                values (:id, :hash, :type, :host, :key, :correlation, :trace, 'done', :now, :now, :status, :outcome)""")
                .bind("id", id).bind("hash", hash).bind("type", type)
                .bind("host", host.map(HostId::value).orElse(null)).bind("key", key)
                .bind("correlation", correlation.orElse(null)).bind("trace", trace.orElse(null)).bind("now", now)
                .bind("status", outcome.status().toString()).bind("outcome", Json.write(outcome)).execute();
        return new OutboxMessage.Result(key, new CommandResult(new CommandId(id), type, outcome, host, 0, now,
                Optional.empty(), now, Map.of(), correlation, trace));
    }

    private Set<Long> notifyOwners(Handle transaction, Map<String, Set<Long>> work) {
        for (String host : work.keySet()) {
            if (!host.equals(fence.host().value())) {
                transaction.createQuery("select pg_notify(:channel, :host)").bind("channel", CHANNEL)
                        .bind("host", host).map((_, _) -> 0).list();
            }
        }
        return work.getOrDefault(fence.host().value(), Set.of());
    }

    private static Optional<Position> readPosition(Handle handle, String topic, int partition) {
        return handle.createQuery("""
                select topic_id, next_offset, leader_epoch from intake_positions
                where topic = :topic and partition = :partition""").bind("topic", topic)
                .bind("partition", partition).map((row, _) -> {
                    int leader = row.getInt(3);
                    return new Position(row.getString(1), row.getLong(2),
                            row.wasNull() ? OptionalInt.empty() : OptionalInt.of(leader));
                }).findOne();
    }

    private static void writePosition(Handle transaction, IntakeBatch batch) {
        Integer leader = batch.after().leaderEpoch().isPresent() ? batch.after().leaderEpoch().getAsInt() : null;
        transaction.createUpdate("""
                insert into intake_positions (topic, partition, topic_id, next_offset, leader_epoch)
                values (:topic, :partition, :id, :next, :leader)
                on conflict (topic, partition) do update
                set topic_id = excluded.topic_id, next_offset = excluded.next_offset,
                    leader_epoch = excluded.leader_epoch""")
                .bind("topic", batch.topic()).bind("partition", batch.partition()).bind("id", batch.after().topicId())
                .bind("next", batch.after().nextOffset()).bind("leader", leader).execute();
    }
}
