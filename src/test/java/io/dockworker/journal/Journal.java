package io.dockworker.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerState;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.Digests;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.Limits;
import io.dockworker.command.Outcome;
import io.dockworker.command.Target;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jdbi.v3.core.Jdbi;

/** A journal on a database of its own, and short words for what goes in and comes out. */
final class Journal implements AutoCloseable {
    static final String TOPIC = "dockworker.commands";
    static final HostId SELF = new HostId("a");

    private final Database database = TestPostgres.fresh();
    final Hosts hosts = new Hosts(jdbi());
    final Fence fence = claim(SELF);
    final PostgresInbox inbox = new PostgresInbox(jdbi(), fence);
    final WorkQueue queue = new PostgresWorkQueue(jdbi(), fence);
    final Containers containers = new Containers(jdbi());
    final Outbox outbox = new PostgresOutbox(jdbi(), fence);

    Jdbi jdbi() {
        return database.jdbi();
    }

    Fence claim(HostId host) {
        return switch (hosts.claim(host, "engine-of-" + host, Duration.ofSeconds(5), Hosts.Right.LOCK)) {
            case Hosts.Claim.Owned(Fence owned) -> owned;
            case Hosts.Claim.Refused(String message) -> throw new AssertionError(message);
        };
    }

    /** As if its worker had not beaten for long. */
    void lose(HostId host) {
        jdbi().useHandle(
                handle -> handle.execute("update hosts set heartbeat_at = now() - interval '1 hour' where host = ?",
                        host.value()));
    }

    /** Accepts commands as the next records of partition 0. */
    Inbox.Taken accept(Command... commands) {
        return inbox.accept(batch(0, commands));
    }

    /** The next records of a partition, from where the journal stands. */
    IntakeBatch batch(int partition, Command... commands) {
        Optional<Position> before = inbox.position(TOPIC, partition);
        long first = before.map(Position::nextOffset).orElse(0L);
        List<Incoming> records = new ArrayList<>();
        for (Command command : commands) {
            records.add(valid(command, partition, first + records.size()));
        }
        return new IntakeBatch(TOPIC, partition, before, at(first + records.size()), records);
    }

    static Incoming.Valid valid(Command command, int partition, long offset) {
        Source source = new Source(TOPIC, partition, offset, command.key().getBytes(UTF_8), "{}".getBytes(UTF_8),
                List.of());
        byte[] hash = Digests.sha256(Json.write(command).getBytes(UTF_8));
        return new Incoming.Valid(command, hash,
                command instanceof Command.Create ? Optional.of("spec") : Optional.empty(), source);
    }

    static Position at(long nextOffset) {
        return new Position("topic-1", nextOffset, OptionalInt.of(3));
    }

    static Header header(String id) {
        return Header.of(new CommandId(id));
    }

    static Command.Create creating(String id, String name) {
        return creating(header(id), name, 1);
    }

    static Command.Create creating(Header header, String name, int count) {
        return new Command.Create(header, ContainerSpec.of(new ImageName("nginx")).with(new ContainerName(name)), count,
                true);
    }

    static Command.Start start(String id, String target) {
        return new Command.Start(header(id), new Target.One(target));
    }

    static Command.Remove remove(String id, String target) {
        return new Command.Remove(header(id), new Target.One(target), false, false);
    }

    static Command.Cancel cancel(String id, String command) {
        return new Command.Cancel(header(id), new CommandId(command));
    }

    /** An id that is the same for the same word. */
    static ContainerId id(String word) {
        return new ContainerId(HexFormat.of().formatHex(Digests.sha256(word.getBytes(UTF_8))));
    }

    static ContainerSnapshot container(String name, ContainerStatus status) {
        return new ContainerSnapshot(id(name), name, "nginx", "sha256:1", Instant.EPOCH,
                ContainerState.of(status, Optional.of(Instant.EPOCH.plusSeconds(1)), Optional.empty(), 0), Map.of(),
                Map.of(), Set.of(), Limits.NONE);
    }

    List<Work> heads() {
        return heads(queue);
    }

    /** The heads of all lanes that the queue's host has. */
    static List<Work> heads(WorkQueue queue) {
        return queue.heads(queue.lanesAfter(0, 1_000));
    }

    Work head(String command) {
        return heads().stream().filter(work -> work.key().toString().equals(command)).findFirst()
                .orElseThrow(() -> new AssertionError(command + " heads no lane, but " + heads()));
    }

    Recorded begin(Work work) {
        return queue.record(List.of(new LaneStep.Begin(work, new Intent(Optional.empty())))).getFirst();
    }

    Recorded end(Completion completion) {
        return queue.record(List.of(new LaneStep.End(completion))).getFirst();
    }

    /** Begins and ends the head of a lane: it holds a running container from then on. */
    Recorded run(String command, String container) {
        Work work = head(command);
        begin(work);
        return end(succeeded(work, container));
    }

    static Completion succeeded(Work work, String container) {
        ContainerSnapshot seen = container(container, ContainerStatus.RUNNING);
        return new Completion(work, work.attempts() + 1, Outcome.succeeded(true, member(seen)),
                Optional.of(Instant.EPOCH),
                Optional.of(seen.id()), Optional.of(seen), Optional.empty(), Optional.empty(), Optional.empty(),
                List.of(),
                Map.of());
    }

    private static Outcome.Member member(ContainerSnapshot container) {
        return Outcome.Member.seen(SELF, container, Outcome.Status.SUCCEEDED, Optional.empty());
    }

    static Completion removed(Work work, String container) {
        ContainerSnapshot last = container(container, ContainerStatus.EXITED);
        return new Completion(work, work.attempts() + 1, Outcome.succeeded(true, member(last)),
                Optional.of(Instant.EPOCH),
                Optional.empty(), Optional.empty(), Optional.of(last.id()), Optional.empty(), Optional.empty(),
                List.of(),
                Map.of());
    }

    /** What waits to be published, in order; asking gives out no numbers. */
    List<OutboxMessage> messages() {
        return jdbi().withHandle(handle -> handle.createQuery("select payload from outbox order by id")
                .map((row, _) -> Json.read(row.getString(1), OutboxMessage.class)).list());
    }

    List<OutboxMessage.Result> results() {
        return messages().stream().filter(OutboxMessage.Result.class::isInstance)
                .map(OutboxMessage.Result.class::cast).toList();
    }

    List<OutboxMessage.DeadLetter> deadLetters() {
        return messages().stream().filter(OutboxMessage.DeadLetter.class::isInstance)
                .map(OutboxMessage.DeadLetter.class::cast).toList();
    }

    long rows(String table) {
        return jdbi().withHandle(handle -> handle.createQuery("select count(*) from " + table).mapTo(Long.class).one());
    }

    /** The ids of commands that have a result. */
    Set<String> answered() {
        return results().stream().map(result -> result.result().commandId().value()).collect(Collectors.toSet());
    }

    /** Waits until so many sessions of this database wait for a lock. */
    void awaitWaiting(int sessions) {
        Awaitility.await("sessions that wait for a lock").until(() -> rows("""
                pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'""") == sessions);
    }

    @Override
    public void close() {
        database.close();
    }
}
