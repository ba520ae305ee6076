package io.dockworker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ContainerName;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.ContainerSpec;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Header;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.ImagePull;
import io.dockworker.command.Outcome;
import io.dockworker.command.PullPolicy;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The journal in memory, which simulations stand on, and the one in PostgreSQL answer the same calls in the same way.
 * Each seed is a course of some hundred calls for two hosts.
 */
final class JournalIT {
    private static final int CALLS = Integer.getInteger("dockworker.calls", 150);
    private static final List<String> NAMES = List.of("web", "db", "cache", "jobs");
    private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

    private final MemoryJournal memory = new MemoryJournal(InstantSource.system());
    private final List<Command> accepted = new ArrayList<>();
    private Random random;
    private int made;

    /** What one worker has of both. */
    private record Side(Inbox inbox, WorkQueue queue, Outbox outbox) {}

    private record Worker(HostId host, Side real, Side fake) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theOneInMemoryAnswersAsTheOneInPostgres(long seed) {
        random = new Random(Long.getLong("dockworker.seed", seed));
        try (var journal = new Journal()) {
            List<Worker> workers = List.of(worker(journal, Journal.SELF, journal.fence),
                    worker(journal, new HostId("b"), journal.claim(new HostId("b"))));
            // Neither is to be lost while this machine is slow.
            journal.jdbi().useHandle(handle -> handle.execute("update hosts set heartbeat_every = interval '1 day'"));
            for (int call = 0; call < CALLS; call++) {
                Worker worker = workers.get(random.nextInt(2));
                if (random.nextInt(3) == 0) {
                    accept(worker);
                } else {
                    record(worker);
                }
                assertSameWork(workers.get(random.nextInt(2)));
                if (random.nextInt(10) == 0) {
                    assertSameMessages(worker);
                }
            }
            workers.forEach(this::assertSameMessages);
        }
    }

    private Worker worker(Journal journal, HostId host, Fence fence) {
        Fence own = memory.claim(host);
        var real = new Side(new PostgresInbox(journal.jdbi(), fence), new PostgresWorkQueue(journal.jdbi(), fence),
                new PostgresOutbox(journal.jdbi(), fence));
        return new Worker(host, real, new Side(memory.inbox(own, MemoryJournal.Line.SOUND),
                memory.queue(own, MemoryJournal.Line.SOUND), memory.outbox(own, MemoryJournal.Line.SOUND)));
    }

    private void accept(Worker worker) {
        int partition = random.nextInt(3);
        Optional<Position> before = worker.real().inbox().position(Journal.TOPIC, partition);
        assertEquals(before, worker.fake().inbox().position(Journal.TOPIC, partition));
        long first = before.map(Position::nextOffset).orElse(0L);
        List<Incoming> records = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            records.add(incoming(partition, first + i));
        }
        Optional<Position> claimed = random.nextInt(20) == 0 ? Optional.of(Journal.at(first + 1_000)) : before;
        var batch = new IntakeBatch(Journal.TOPIC, partition, claimed, Journal.at(first + count), records);
        assertEquals(worker.real().inbox().accept(batch), worker.fake().inbox().accept(batch), batch::toString);
        assertEquals(worker.real().inbox().open(), worker.fake().inbox().open());
    }

    private Incoming incoming(int partition, long offset) {
        Source source = Journal.valid(Journal.start("any", "any"), partition, offset).source();
        return switch (random.nextInt(12)) {
            case 0 -> new Incoming.Unreadable("NOT_JSON", "not JSON", source);
            case 1 -> new Incoming.Invalid(id(), "start", Failure.of(ErrorCode.INVALID_COMMAND, "no"),
                    new byte[]{(byte) random.nextInt(2)}, Optional.empty(), Optional.empty(), source);
            case 2 -> accepted.isEmpty()
                    ? new Incoming.Unreadable("NOT_JSON", "not JSON", source)
                    : Journal.valid(accepted.get(random.nextInt(accepted.size())), partition, offset);
            default -> {
                Command command = command();
                accepted.add(command);
                yield Journal.valid(command, partition, offset);
            }
        };
    }

    /** Mostly a new one. */
    private CommandId id() {
        return new CommandId("c" + (random.nextInt(8) == 0 ? random.nextInt(20) : 100 + accepted.size()));
    }

    private Command command() {
        Optional<HostId> host = switch (random.nextInt(10)) {
            case 0 -> Optional.of(new HostId("a"));
            case 1 -> Optional.of(new HostId("b"));
            case 2 -> Optional.of(new HostId("nobody"));
            default -> Optional.empty();
        };
        var header = new Header(id(), host, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(Duration.ofMinutes(5)));
        var image = new ImageName(random.nextBoolean() ? "nginx" : "redis:7");
        Target.One one = new Target.One(reference());
        Target target = random.nextInt(5) == 0 ? new Target.AllOf(image) : one;
        var spec = ContainerSpec.of(image).with(new ContainerName(any(NAMES)));
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> new Command.Create(header, spec, random.nextInt(4) == 0 ? 3 : 1, true);
            case 4 -> new Command.Start(header, target);
            case 5 -> new Command.Stop(header, target, Optional.empty(), Optional.empty());
            case 6 -> new Command.Remove(header, target, false, false);
            case 7 -> new Command.Rename(header, one, new ContainerName(any(NAMES)));
            case 8 -> new Command.Replace(header, one, new SpecChange(spec, random.nextBoolean()
                    ? Set.of(SpecField.COMMAND)
                    : Set.of(SpecField.COMMAND, SpecField.NAME)), Optional.empty());
            case 9 -> new Command.Kill(header, one, "SIGHUP", false);
            case 10 -> new Command.Pull(header, image, ImagePull.of(PullPolicy.ALWAYS));
            default -> new Command.Cancel(header, new CommandId("c" + (100 + random.nextInt(accepted.size() + 2))));
        };
    }

    private String reference() {
        String container = Journal.id("container-" + random.nextInt(made + 1)).value();
        return switch (random.nextInt(6)) {
            case 0 -> container;
            case 1 -> container.substring(0, 12 + random.nextInt(20));
            default -> any(NAMES);
        };
    }

    /** Some steps of the heads of some lanes, in one transaction, some of them once more. */
    private void record(Worker worker) {
        List<Work> heads = Journal.heads(worker.real().queue());
        List<LaneStep> steps = heads.stream().filter(_ -> random.nextInt(3) == 0).map(this::step).toList();
        for (int times = random.nextInt(4) == 0 ? 2 : 1; times > 0; times--) {
            assertEquals(worker.real().queue().record(steps).stream().map(JournalIT::timeless).toList(),
                    worker.fake().queue().record(steps).stream().map(JournalIT::timeless).toList(), steps::toString);
        }
    }

    private LaneStep step(Work work) {
        var intent = new Intent(
                Optional.of(Journal.container("container-" + random.nextInt(3), ContainerStatus.EXITED)));
        int attempt = work.attempts() + (random.nextInt(10) == 0 ? 1 : 0);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new LaneStep.Begin(work, intent);
            case 3 -> new LaneStep.Note(work, attempt, intent.foundWell());
            case 4 -> new LaneStep.Cut(work, attempt);
            default -> new LaneStep.End(completion(work, attempt));
        };
    }

    private Completion completion(Work work, int attempt) {
        boolean makes = work.container().isEmpty() || random.nextInt(6) == 0;
        boolean removes = !makes && random.nextInt(3) == 0;
        String name = makes ? "container-" + made++ : "container-of-nobody";
        ContainerSnapshot fresh = Journal.container(name, ContainerStatus.RUNNING)
                .withName(random.nextInt(3) > 0 && work.command() instanceof Command.Create create
                        ? create.memberName(work.key().child()).value()
                        : any(NAMES));
        Optional<ContainerSnapshot> seen = makes ? Optional.of(fresh) : Optional.empty();
        Optional<ContainerId> holds = makes
                ? Optional.of(fresh.id())
                : removes ? Optional.empty() : work.container();
        Outcome outcome = random.nextBoolean()
                ? Outcome.succeeded(true)
                : Outcome.ended(any(List.of(Outcome.Status.FAILED, Outcome.Status.UNKNOWN)),
                        Failure.of(ErrorCode.ENGINE_ERROR, "no"));
        List<ContainerEvent> events = holds.stream().map(id -> new ContainerEvent(id.abbreviated() + ".start",
                ContainerEvent.Type.START, id, fresh.name(), "nginx", work.host(), Map.of(), LATER,
                ContainerEvent.Cause.COMMAND, Optional.of(work.key().command()), OptionalInt.empty(), Map.of()))
                .toList();
        return new Completion(work, attempt, outcome, Optional.of(LATER), holds, seen,
                removes ? work.container() : Optional.empty(),
                random.nextInt(4) == 0 && makes
                        ? Optional.of(ContainerSpec.of(new ImageName("nginx")))
                        : Optional.empty(),
                random.nextInt(4) == 0 ? Optional.of(any(NAMES)) : work.wantedName(), events,
                Map.of("queued", Duration.ofMillis(5)));
    }

    private void assertSameWork(Worker worker) {
        assertEquals(worker.real().queue().lanesAfter(0, 1_000), worker.fake().queue().lanesAfter(0, 1_000));
        assertEquals(Journal.heads(worker.real().queue()).stream().map(JournalIT::timeless).toList(),
                Journal.heads(worker.fake().queue()).stream().map(JournalIT::timeless).toList());
    }

    /** States of containers aside, which the one in memory does not keep. */
    private void assertSameMessages(Worker worker) {
        assertEquals(drain(worker.real().outbox()), drain(worker.fake().outbox()));
    }

    private static List<String> drain(Outbox outbox) {
        List<String> messages = new ArrayList<>();
        long published = outbox.mark().published();
        List<Outbox.Numbered> next = outbox.next(published, 50);
        while (!next.isEmpty()) {
            for (Outbox.Numbered one : next) {
                assertEquals(++published, one.number());
                switch (one.message()) {
                    case OutboxMessage.Result(byte[] key, var result) ->
                        messages.add("result " + new String(key, StandardCharsets.UTF_8)
                                + " " + result.commandId() + " " + result.type() + " " + result.outcome() + " "
                                + result.host() + " " + result.attempts() + " " + result.timings());
                    case OutboxMessage.Event(var event) when event.type() != ContainerEvent.Type.VANISHED ->
                        messages.add("event " + event);
                    case OutboxMessage.DeadLetter letter -> messages.add("letter " + letter.code() + " "
                            + letter.source().partition() + "@" + letter.source().offset());
                    case OutboxMessage.Event _,OutboxMessage.State _,OutboxMessage.Forgotten _ -> {
                    }
                }
            }
            next = outbox.next(published, 50);
        }
        assertEquals(published, outbox.mark().published());
        return messages;
    }

    private static String timeless(Work work) {
        return work.key() + " " + work.host() + " lane " + work.lane() + "." + work.seq() + " "
                + work.container().map(ContainerId::abbreviated) + " "
                + work.hadContainer() + " " + work.spec().map(ContainerSpec::image) + " " + work.specHash() + " "
                + new String(work.messageKey(), StandardCharsets.UTF_8)
                + " " + work.attempts() + " " + work.interruptions() + " "
                + work.intent().map(intent -> intent.well() + " "
                        + intent.before().map(ContainerSnapshot::name))
                + " "
                + work.startedAt().isPresent() + " " + work.command().type();
    }

    private static String timeless(Recorded recorded) {
        return recorded instanceof Recorded.Begun(int attempt, Instant _) ? "begun " + attempt : recorded.toString();
    }

    private <T> T any(List<T> things) {
        return things.get(random.nextInt(things.size()));
    }
}
