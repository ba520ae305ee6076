package io.dockworker.journal;

import static io.dockworker.journal.Journal.at;
import static io.dockworker.journal.Journal.cancel;
import static io.dockworker.journal.Journal.creating;
import static io.dockworker.journal.Journal.header;
import static io.dockworker.journal.Journal.id;
import static io.dockworker.journal.Journal.remove;
import static io.dockworker.journal.Journal.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.Command;
import io.dockworker.command.CommandResult;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.Outcome;
import io.dockworker.command.SpecChange;
import io.dockworker.command.SpecField;
import io.dockworker.command.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What acceptance promises, on a real database. */
class AcceptanceIT {
    private TimeZone zone;
    private Journal journal;

    @BeforeEach
    void open() {
        zone = TimeZone.getDefault();
        // Neither the process nor the session may lend its zone to what is stored.
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
        journal = new Journal();
    }

    @AfterEach
    void close() {
        journal.close();
        TimeZone.setDefault(zone);
    }

    @Test
    void commandsAndThePositionAreStoredTogether() {
        Inbox.Taken.Stored stored = assertInstanceOf(Inbox.Taken.Stored.class,
                journal.accept(creating("1", "web"), start("2", "web"), creating("3", "db")));
        assertEquals(2, stored.lanes().size());
        assertEquals(Optional.of(at(3)), journal.inbox.position(Journal.TOPIC, 0));
        assertEquals(Set.of("1", "3"), heads());
        Work work = journal.head("1");
        assertEquals(creating("1", "web"), work.command());
        assertEquals(work.receivedAt().plus(work.command().deadline()), work.deadlineAt());
    }

    @Test
    void aBatchThatIsNotFromWhereThePartitionStandsVanishesWhole() {
        IntakeBatch late = journal.batch(0, creating("1", "web"));
        journal.accept(creating("2", "db"));
        assertEquals(new Inbox.Taken.Moved(), journal.inbox.accept(late));
        assertEquals(Set.of("2"), heads());
        assertEquals(Optional.of(at(1)), journal.inbox.position(Journal.TOPIC, 0));
    }

    @Test
    void anIdIsSpentOnce() {
        journal.accept(creating("1", "web"), creating("1", "web"));
        journal.accept(creating("1", "web"));
        assertEquals(1, journal.rows("commands"));
        assertEquals(List.of(), journal.messages());

        Inbox.Taken taken = journal.accept(start("1", "web"));
        assertEquals(Map.of("ID_REUSED", 1), ((Inbox.Taken.Stored) taken).deadLetters());
        assertEquals(List.of("ID_REUSED"),
                journal.deadLetters().stream().map(OutboxMessage.DeadLetter::code).toList());
        assertEquals(List.of(), journal.results());
        assertEquals(1, journal.rows("commands"));
    }

    @Test
    void aRejectedCommandSpendsItsIdAndIsAnsweredOnce() {
        for (int offset = 0; offset < 2; offset++) {
            Source source = new Source(Journal.TOPIC, 0, offset, null, new byte[]{1}, List.of());
            journal.inbox.accept(new IntakeBatch(Journal.TOPIC, 0, journal.inbox.position(Journal.TOPIC, 0),
                    at(offset + 1), List.of(new Incoming.Invalid(header("1").id(), "creat",
                            Failure.at("/type", ErrorCode.INVALID_COMMAND, "?"), new byte[]{7}, Optional.empty(),
                            Optional.empty(), source))));
        }
        assertEquals(List.of(Outcome.Status.REJECTED), outcomes());
        assertEquals(Map.of("ID_REUSED", 1), ((Inbox.Taken.Stored) journal.accept(creating("1", "web"))).deadLetters());
    }

    @Test
    void workersThatTakeTheSameIdAtOnceStoreItOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            // In opposite order, so that locks taken as they come would deadlock.
            Command one = creating("x" + round, "x" + round);
            Command other = creating("y" + round, "y" + round);
            atOnce(journal.batch(0, one, other), journal.batch(1, other, one));
        }
        assertEquals(40, journal.rows("commands"));
        assertEquals(40, journal.rows("lanes"));
        assertEquals(List.of(), journal.messages());
    }

    @Test
    void workersThatTakeTheSameNameAtOnceShareItsLane() throws Exception {
        for (int round = 0; round < 20; round++) {
            String one = "x" + round;
            String other = "y" + round;
            atOnce(journal.batch(0, creating("1-" + one, one), creating("1-" + other, other)),
                    journal.batch(1, creating("2-" + other, other), creating("2-" + one, one)));
        }
        assertEquals(80, journal.rows("commands"));
        assertEquals(40, journal.rows("lanes"));
        assertEquals(40, journal.rows("names"));
    }

    @Test
    void aCreateUnderAHeldNameWaitsItsTurnInThatLane() {
        journal.accept(creating("1", "web"));
        journal.accept(creating("2", "web"));
        assertEquals(Set.of("1"), heads());
        assertEquals(new Recorded.Ended(true), journal.run("1", "web"));
        Work second = journal.head("2");
        assertEquals(2, second.seq());
        assertEquals(Optional.of(id("web")), second.container());
    }

    @Test
    void aContainerIsMeantByItsNameItsIdOrABeginningOfIt() {
        journal.accept(creating("1", "web"), creating("2", "db"));
        journal.run("1", "web");
        journal.run("2", "db");
        long lane = lane("web");
        journal.accept(start("by-name", "web"), start("by-id", id("web").value()),
                start("by-prefix", id("web").abbreviated()));
        assertEquals(List.of(lane, lane, lane), journal.jdbi().withHandle(handle -> handle
                .createQuery("select lane from commands where id like 'by-%'").mapTo(Long.class).list()));
        assertEquals(1, journal.queue.heads(List.of(lane)).size());
    }

    @Test
    void anUnknownTargetGetsALaneOfItsOwnSoThatItsHostLooks() {
        journal.accept(start("1", "nobody"), start("2", id("nobody").abbreviated()));
        assertEquals(Set.of("1", "2"), heads());
        Work work = journal.head("1");
        assertEquals(Optional.empty(), work.container());
        assertEquals(0, journal.rows("names"));
    }

    @Test
    void anotherNameIsTakenAtAcceptanceAndGivenBackWhereItIsNotGiven() {
        journal.accept(creating("1", "web"), creating("2", "db"));
        journal.run("1", "web");
        journal.run("2", "db");
        journal.accept(replace("3", "web", "db"), replace("4", "web", "web-b"), replace("5", "web", "web"),
                creating("6", "web-b"), start("7", "web-b"));
        assertEquals(Map.of("3", ErrorCode.NAME_CONFLICT), journal.results().stream().map(OutboxMessage.Result::result)
                .filter(result -> result.outcome().failure().isPresent()).collect(Collectors.toMap(
                        result -> result.commandId().value(), result -> result.outcome().failure().get().code())));
        assertEquals(lane("web"), lane("web-b"));

        journal.accept(cancel("8", "4"), cancel("9", "5"));
        assertEquals(3, journal.rows("names"), "its own name it keeps, and what the create still wants");
        journal.accept(cancel("11", "6"));
        assertEquals(2, journal.rows("names"));
        journal.accept(replace("10", "db", "web-b"));
        assertEquals(lane("db"), lane("web-b"));
    }

    @Test
    void aCreateThatNeverComesToItGivesItsNameBack() {
        journal.accept(creating("1", "web"), replace("2", "web", "web-b"), creating("3", "web-b"));
        journal.accept(cancel("4", "2"));
        assertEquals(2, journal.rows("names"));
        journal.accept(cancel("5", "3"));
        journal.run("1", "web");
        assertEquals(1, journal.rows("names"));
    }

    @Test
    void aNewContainerOfAnOldLaneHasNoneOfTheNamesOfTheOneBeforeIt() {
        journal.accept(creating("1", "web"));
        journal.run("1", "web");
        journal.accept(replace("2", "web", "old"), remove("3", "old"), creating("4", "web"));
        assertEquals(lane("web"), lane("old"));
        journal.run("2", "old");
        Work remove = journal.head("3");
        journal.begin(remove);
        journal.end(Journal.removed(remove, "old"));
        journal.run("4", "web");
        assertEquals(1, journal.rows("names"));
    }

    @Test
    void aHostThatNeverReportedIsRejectedAndOneThatDidGetsTheWork() {
        HostId other = new HostId("b");
        journal.claim(other);
        Command.Create here = creating("1", "web");
        journal.accept(pinned(here, "b"), pinned(creating("2", "db"), "c"), pinned(creating("3", "web"), "a"));
        assertEquals(List.of(), journal.heads());
        assertEquals(Map.of(ErrorCode.NAME_CONFLICT, Optional.of(other), ErrorCode.UNKNOWN_HOST, Optional.empty()),
                journal.results().stream().map(OutboxMessage.Result::result).collect(Collectors.toMap(
                        result -> result.outcome().failure().orElseThrow().code(), CommandResult::host)));
        assertEquals(1,
                Journal.heads(new PostgresWorkQueue(journal.jdbi(), new Fence(other, journal.fence.epoch()))).size());
    }

    @Test
    void allContainersOfAnImageIncludesCreatesThatStillWait() {
        journal.accept(creating("1", "web"), creating("2", "db"));
        journal.run("1", "web");
        journal.accept(creating("3", "new"), new Command.Start(header("all"), new Target.AllOf(new ImageName(
                "docker.io/library/nginx:latest"))));
        assertEquals(Set.of("2", "3", "all#1"), heads());
        assertEquals(4, journal.rows("commands where id = 'all'"));
        journal.accept(new Command.Start(header("none"), new Target.AllOf(new ImageName("redis"))));
        assertEquals(Outcome.Status.SUCCEEDED, journal.results().getLast().result().outcome().status());
    }

    @Test
    void aRecordThatTheDatabaseRefusesLeavesNothingAndIsFoundByHalving() {
        Command bad = new Command.Start(header("bad"), new Target.One("x"));
        List<Incoming> records = new ArrayList<>(IntStream.range(0, 5)
                .mapToObj(i -> (Incoming) Journal.valid(creating("c" + i, "c" + i), 0, i * 10L)).toList());
        // Nothing else that is decoded holds a NUL, which PostgreSQL cannot store.
        records.set(3, new Incoming.Valid(bad, new byte[]{1}, Optional.of("\0"), records.get(3).source()));
        IntakeBatch batch = new IntakeBatch(Journal.TOPIC, 0, Optional.empty(), at(99), records);
        assertThrows(JdbiException.class, () -> journal.inbox.accept(batch));
        assertEquals(Optional.empty(), journal.inbox.position(Journal.TOPIC, 0));

        List<IntakeBatch> halves = batch.halves();
        assertInstanceOf(Inbox.Taken.Stored.class, journal.inbox.accept(halves.getFirst()));
        assertEquals(Optional.of(at(20)), journal.inbox.position(Journal.TOPIC, 0));
        List<IntakeBatch> quarters = halves.getLast().halves();
        assertInstanceOf(Inbox.Taken.Stored.class, journal.inbox.accept(quarters.getFirst()));
        List<IntakeBatch> eighths = quarters.getLast().halves();
        assertThrows(JdbiException.class, () -> journal.inbox.accept(eighths.getFirst()));
        assertEquals(List.of(records.get(3)), eighths.getFirst().records());
        assertEquals(at(99), eighths.getLast().after());
        assertEquals(3, journal.rows("commands"));
    }

    @Test
    void aWordThatNamesTheOtherHostIsSentToIt() {
        journal.claim(new HostId("b"));
        Inbox.Taken taken = journal.accept(pinned(creating("1", "web"), "b"));
        assertEquals(new Inbox.Taken.Stored(Set.of(), Map.of()), taken);
    }

    @Test
    void containersWithoutAHostSpreadOverThoseThatLive() {
        journal.claim(new HostId("b"));
        journal.accept(creating("1", "web"), creating("2", "db"), creating("3", "mail"));
        assertEquals(Map.of("a", 2L, "b", 1L), lanesByHost());
        journal.lose(new HostId("b"));
        journal.accept(creating("4", "chat"), creating("5", "news"));
        assertEquals(Map.of("a", 4L, "b", 1L), lanesByHost());
    }

    @Test
    void theManyPartsOfALargeCommandShareItsBody() {
        journal.accept(creating(header("1"), "web", 250));
        assertEquals(1, journal.rows("commands where body is not null"));
        List<Long> lanes = journal.queue.lanesAfter(0, 100);
        List<Work> first = journal.queue.heads(lanes);
        List<Work> second = journal.queue.heads(journal.queue.lanesAfter(lanes.getLast(), 200));
        assertEquals(250, first.size() + second.size());
        assertEquals(creating(header("1"), "web", 250), second.getLast().command());
        assertSame(second.getFirst().command(), second.getLast().command(), "read once");
    }

    private Map<String, Long> lanesByHost() {
        return journal.jdbi().withHandle(handle -> handle.createQuery("select host, count(*) from lanes group by host")
                .collectRows(Collectors.toMap(row -> row.getColumn(1, String.class),
                        row -> row.getColumn(2, Long.class))));
    }

    @Test
    void aCancellationFromTheMiddleOfALaneLeavesTheOthersTheirTurn() {
        journal.accept(creating("1", "web"), start("2", "web"), start("3", "web"), creating("4", "db"));
        journal.accept(cancel("5", "3"), cancel("6", "4"));
        assertEquals(Set.of("3", "4", "5", "6"), journal.answered());
        assertEquals(1, journal.rows("lanes"), "a lane without container and work goes");
        assertEquals(1, journal.rows("names"));
        assertEquals(new Recorded.Ended(true), journal.run("1", "web"));
        assertEquals(new Recorded.Ended(false), journal.run("2", "web"));
    }

    @Test
    void aCancellationLeavesTheLaneTheContainerThatItGetsMeanwhile() throws Exception {
        journal.accept(creating("1", "web"), start("2", "web"));
        long lane = lane("web");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Inbox.Taken> cancelled = journal.jdbi().inTransaction(handle -> {
                handle.execute("select 1 from lanes where lane = ? for update", lane);
                Future<Inbox.Taken> taken = threads.submit(() -> journal.accept(cancel("3", "2")));
                journal.awaitWaiting(1);
                // As the create does that ends at this moment.
                handle.execute("update lanes set container_id = ? where lane = ?", id("web").value(), lane);
                return taken;
            });
            assertInstanceOf(Inbox.Taken.Stored.class, cancelled.get());
        }
        assertEquals(Optional.of(id("web")), journal.head("1").container());
    }

    @Test
    void aBatchTakesABoundedNumberOfLocksHoweverManyNamesItHas() throws Exception {
        IntakeBatch batch = journal.batch(0, creating(header("1"), "web", 1000), creating(header("2"), "db", 1000),
                creating(header("3"), "mail", 1000));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Inbox.Taken> taken = journal.jdbi().inTransaction(handle -> {
                // The last lock that an intake takes, so that it holds all others when it waits.
                handle.execute("select 1 from hosts for update");
                Future<Inbox.Taken> waiting = threads.submit(() -> journal.inbox.accept(batch));
                journal.awaitWaiting(1);
                assertTrue(journal.rows("pg_locks where locktype = 'advisory'") < 1_500);
                return waiting;
            });
            assertInstanceOf(Inbox.Taken.Stored.class, taken.get());
        }
    }

    @Test
    void nothingIsStoredByAWorkerThatHasASuccessor() {
        journal.claim(Journal.SELF);
        assertThrows(Superseded.class, () -> journal.accept(creating("1", "web"), remove("2", "x")));
        assertEquals(0, journal.rows("commands") + journal.rows("lanes") + journal.rows("intake_positions"));
    }

    private void atOnce(IntakeBatch one, IntakeBatch other) throws Exception {
        var barrier = new CyclicBarrier(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Inbox.Taken>> taken = new ArrayList<>();
            for (IntakeBatch batch : List.of(one, other)) {
                taken.add(threads.submit((Callable<Inbox.Taken>) () -> {
                    barrier.await();
                    return journal.inbox.accept(batch);
                }));
            }
            for (Future<Inbox.Taken> each : taken) {
                assertInstanceOf(Inbox.Taken.Stored.class, each.get());
            }
        }
    }

    private static Command.Replace replace(String id, String target, String name) {
        Command.Create create = creating(id, name);
        return new Command.Replace(create.header(), new Target.One(target),
                new SpecChange(create.spec(), Set.of(SpecField.NAME)), Optional.empty());
    }

    private static Command.Create pinned(Command.Create create, String host) {
        var header = create.header();
        return new Command.Create(new io.dockworker.command.Header(header.id(), Optional.of(new HostId(host)),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
                create.spec(), create.count(), create.start());
    }

    private Set<String> heads() {
        return Set.copyOf(journal.heads().stream().map(work -> work.key().toString()).toList());
    }

    private List<Outcome.Status> outcomes() {
        return journal.results().stream().map(result -> result.result().outcome().status()).toList();
    }

    private long lane(String name) {
        return journal.jdbi().withHandle(handle -> handle.createQuery("select lane from names where name = :name")
                .bind("name", name).mapTo(Long.class).one());
    }
}
