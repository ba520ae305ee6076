package io.dockworker.journal;

import static io.dockworker.journal.Journal.creating;
import static io.dockworker.journal.Journal.header;
import static io.dockworker.journal.Journal.id;
import static io.dockworker.journal.Journal.remove;
import static io.dockworker.journal.Journal.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.Header;
import io.dockworker.command.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the record of each step of execution promises, on a real database. */
class StepsIT {
    private final Journal journal = new Journal();

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void aStepRecordedTwiceHasOneEffect() {
        journal.accept(creating("1", "web"));
        Work work = journal.head("1");
        Recorded begun = journal.begin(work);
        assertEquals(1, assertInstanceOf(Recorded.Begun.class, begun).attempt());
        assertEquals(begun, journal.begin(work));

        Completion end = Journal.succeeded(work, "web");
        assertEquals(new Recorded.Ended(false), journal.end(end));
        List<OutboxMessage> messages = journal.messages();
        assertInstanceOf(Recorded.Ended.class, journal.end(end));
        assertEquals(new Recorded.Over(), journal.begin(work));
        assertEquals(messages.size(), journal.messages().size());
        assertEquals(1, journal.results().size());
        assertEquals(List.of(), journal.heads());
    }

    @Test
    void anAttemptThatWasGivenUpCannotEndTheCommand() {
        journal.accept(creating("1", "web"));
        Work first = journal.head("1");
        journal.begin(first);
        journal.begin(journal.head("1"));
        journal.end(Journal.succeeded(first, "web"));
        assertEquals(List.of(), journal.results());
        journal.end(Journal.succeeded(journal.head("1"), "web"));
        assertEquals(0, journal.results().size(), "an end names the attempt that ends");
        Work second = journal.head("1");
        assertEquals(2, second.attempts());
        journal.end(attempt(Journal.succeeded(second, "web"), 2));
        assertEquals(2, journal.results().getFirst().result().attempts());
    }

    @Test
    void aLaneGoesWithItsNameWhenContainerAndWorkAreGone() {
        journal.accept(creating("1", "web"));
        journal.run("1", "web");
        journal.accept(remove("2", "web"), start("3", "web"));
        Work removal = journal.head("2");
        journal.begin(removal);
        assertEquals(new Recorded.Ended(true), journal.end(Journal.removed(removal, "web")));
        assertEquals(1, journal.rows("names"));
        assertEquals(0, journal.rows("containers"));

        Work late = journal.head("3");
        assertEquals(Optional.empty(), late.container());
        journal.end(failed(late, 0, ErrorCode.NOT_FOUND));
        assertEquals(0, journal.rows("names") + journal.rows("lanes"));
        journal.accept(creating("4", "web"));
        assertEquals(1, journal.head("4").seq());
    }

    @Test
    void theLastMemberWritesTheOneResult() {
        journal.accept(creating(header("1"), "web", 3));
        List<Work> members = journal.heads();
        assertEquals(3, members.size());
        assertEquals(Set.of("web-1", "web-2", "web-3"), names());
        journal.run("1#1", "web-1");
        journal.run("1#3", "web-3");
        assertEquals(List.of(), journal.results());
        Work last = journal.head("1#2");
        journal.begin(last);
        Completion end = failed(last, 1, ErrorCode.NO_CAPACITY);
        journal.end(end);
        journal.end(end);
        Outcome outcome = onlyResult();
        assertEquals(Outcome.Status.FAILED, outcome.status());
        assertEquals(ErrorCode.PARTIAL, outcome.failure().orElseThrow().code());
        assertEquals(List.of("web-1", "web-3"),
                outcome.containers().stream().map(member -> member.reference()).toList());
    }

    @Test
    void membersThatEndInOneCommitWriteTheOneResultToo() {
        journal.accept(creating(header("1"), "web", 3));
        List<Work> members = journal.heads();
        journal.queue.record(members.stream()
                .map(work -> (LaneStep) new LaneStep.Begin(work, new Intent(Optional.empty()))).toList());
        List<Recorded> ended = journal.queue.record(members.stream()
                .map(work -> (LaneStep) new LaneStep.End(Journal.succeeded(work, "web-" + work.key().child())))
                .toList());
        assertEquals(List.of(new Recorded.Ended(false), new Recorded.Ended(false), new Recorded.Ended(false)), ended);
        assertEquals(Outcome.Status.SUCCEEDED, onlyResult().status());
        assertEquals(3, onlyResult().containers().size());
    }

    @Test
    void anExpiredCommandDoesNotBegin() {
        Header expiring = new Header(header("1").id(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.of(Instant.now().minusSeconds(1)), Optional.empty());
        journal.accept(creating(expiring, "web", 1), creating("2", "db"));
        Work work = journal.head("1");
        assertEquals(new Recorded.Expired(), journal.begin(work));
        assertInstanceOf(Recorded.Begun.class, journal.begin(journal.head("2")));
        journal.end(new Completion(work, 0, Outcome.ended(Outcome.Status.EXPIRED,
                Failure.of(ErrorCode.EXPIRED, "late")), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(),
                Optional.empty(), List.of(), Map.of()));
        assertEquals(Outcome.Status.EXPIRED, onlyResult().status());
    }

    @Test
    void whatBeganBeforeItExpiredIsTakenUpAgain() {
        Header expiring = new Header(header("1").id(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.of(Instant.now().plusSeconds(3600)), Optional.empty());
        journal.accept(creating(expiring, "web", 1));
        journal.begin(journal.head("1"));
        journal.jdbi().useHandle(handle -> handle.execute("update commands set expires_at = now()"));
        assertEquals(2, assertInstanceOf(Recorded.Begun.class, journal.begin(journal.head("1"))).attempt());
    }

    @Test
    void anAttemptThatWasCutShortIsToldFromOneThatCrashed() {
        journal.accept(creating("1", "web"));
        journal.begin(journal.head("1"));
        journal.begin(journal.head("1"));
        Work second = journal.head("1");
        assertEquals(List.of(new Recorded.Noted(), new Recorded.Over()), List.of(cut(second, 2), cut(second, 3)));
        // As after a commit whose answer was lost.
        cut(second, 2);
        assertEquals(List.of(2, 1), List.of(journal.head("1").attempts(), journal.head("1").interruptions()));
    }

    private Recorded cut(Work work, int attempt) {
        return journal.queue.record(List.of(new LaneStep.Cut(work, attempt))).getFirst();
    }

    @Test
    void whatIsOldGoesAndOnlyThat() {
        journal.accept(creating("1", "web"), creating("2", "db"), creating("3", "mail"));
        journal.run("1", "web");
        journal.run("2", "db");
        journal.jdbi().useHandle(
                handle -> handle
                        .execute("update commands set finished_at = now() - interval '31 days' where id <> '2'"));
        Fence old = journal.fence;
        Fence successor = journal.claim(Journal.SELF);
        var month = Duration.ofDays(30);
        assertThrows(Superseded.class, () -> new Retention(journal.jdbi(), old, month, month).runOnce());
        assertEquals(3, journal.rows("commands"));
        new Retention(journal.jdbi(), successor, month, month).runOnce();
        assertEquals(List.of("2", "3"), journal.jdbi().withHandle(
                handle -> handle.createQuery("select id from commands order by id").mapTo(String.class).list()));
    }

    @Test
    void anEventIsToldOnceWhoeverSawItFirst() {
        journal.accept(creating("1", "web"), start("2", "web"));
        var event = new ContainerEvent("e1", ContainerEvent.Type.START, id("web"), "web", "nginx", Journal.SELF,
                Map.of(), Instant.parse("2026-01-01T00:00:00.123456789Z"), ContainerEvent.Cause.COMMAND,
                Optional.empty(), OptionalInt.empty(), Map.of());
        for (String command : List.of("1", "2")) {
            Work work = journal.head(command);
            journal.begin(work);
            Completion end = Journal.succeeded(work, "web");
            journal.end(new Completion(work, 1, end.outcome(), end.startedAt(), end.laneHolds(), end.seen(),
                    end.gone(), end.spec(), end.freedName(), List.of(event), Map.of("call", Duration.ofMillis(3))));
        }
        assertEquals(1, journal.rows("events"));
        assertEquals(1, journal.messages().stream().filter(OutboxMessage.Event.class::isInstance).count());
    }

    @Test
    void nothingIsWrittenByAWorkerThatHasASuccessor() {
        journal.accept(creating("1", "web"), creating("2", "db"));
        Work begun = journal.head("1");
        journal.begin(begun);
        Fence successor = journal.claim(Journal.SELF);

        assertThrows(Superseded.class, () -> journal.begin(journal.head("2")));
        assertThrows(Superseded.class, () -> journal.end(Journal.succeeded(begun, "web")));
        assertThrows(Superseded.class, () -> journal.outbox.next(0, 10));
        assertThrows(Superseded.class, () -> journal.outbox.mark());
        assertThrows(Superseded.class, () -> journal.outbox.reduce(1));
        assertThrows(Superseded.class, () -> cut(begun, 1));
        assertThrows(Superseded.class, () -> journal.hosts.confirm(journal.fence));
        assertThrows(Superseded.class, () -> journal.hosts.beat(journal.fence, "{}"));
        assertThrows(Superseded.class,
                () -> journal.containers.reconcile(journal.fence, List.of(Journal.container("x",
                        io.dockworker.command.ContainerStatus.RUNNING)), List.of(), journal.containers.now(),
                        Map.of()));

        assertEquals(List.of(), journal.messages());
        assertEquals(0, journal.rows("containers"));
        assertEquals(0, journal.head("2").attempts());
        List<Work> left = Journal.heads(new PostgresWorkQueue(journal.jdbi(), successor));
        assertEquals(List.of(1, 0), left.stream().map(Work::attempts).toList());
    }

    @Test
    void aHostIsFoundByItsEngine() {
        assertEquals(Journal.SELF, journal.hosts.ofEngine("engine-of-a").orElseThrow().host());
        assertEquals(Optional.empty(), journal.hosts.ofEngine("none"));
        Instant now = Instant.now();
        journal.lose(Journal.SELF);
        Hosts.Registered lost = journal.hosts.ofEngine("engine-of-a").orElseThrow();
        assertTrue(lost.isLostSince(now.minusSeconds(7_200)));
        assertFalse(lost.isLostSince(now), "whoever took the engine since has not been heard yet");
        assertFalse(journal.hosts.ofEngine("engine-of-a").filter(Hosts.Registered::live).isPresent());
        journal.hosts.beat(journal.fence, "{}");
        assertInstanceOf(Hosts.Claim.Refused.class,
                journal.hosts.claim(Journal.SELF, "another engine", Duration.ofSeconds(5), Hosts.Right.LOCK));
        assertInstanceOf(Hosts.Claim.Refused.class, journal.hosts.claim(
                new io.dockworker.command.HostId("z"), "engine-of-a", Duration.ofSeconds(5), Hosts.Right.LOCK));
    }

    @Test
    void memoryThatIsShortHereIsNotTheDatabasesFault() {
        var store = new Store(journal.jdbi());
        // As the driver words it.
        var dressed = new SQLException("Ran out of memory retrieving query results.", "53200",
                new OutOfMemoryError("Java heap space"));
        assertThrows(OutOfMemoryError.class, () -> store.read(handle -> {
            throw new ConnectionException(dressed);
        }));
        assertTrue(assertThrows(Unavailable.class, () -> store.read(handle -> {
            throw new ConnectionException(new SQLException("out of shared memory", "53200"));
        })).asksForLess());
    }

    private Outcome onlyResult() {
        assertEquals(1, journal.results().size());
        return journal.results().getFirst().result().outcome();
    }

    private Set<String> names() {
        return journal.jdbi()
                .withHandle(handle -> handle.createQuery("select name from names").mapTo(String.class).set());
    }

    private static Completion attempt(Completion end, int attempt) {
        return new Completion(end.work(), attempt, end.outcome(), end.startedAt(), end.laneHolds(), end.seen(),
                end.gone(), end.spec(), end.freedName(), end.events(), end.timings());
    }

    private static Completion failed(Work work, int attempt, ErrorCode code) {
        return new Completion(work, attempt, Outcome.ended(Outcome.Status.FAILED, Failure.of(code, "no")),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), List.of(), Map.of());
    }
}
