package io.dockworker.journal;

import static io.dockworker.journal.Journal.creating;
import static io.dockworker.journal.Journal.header;
import static io.dockworker.journal.Journal.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.CommandResult;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.HostId;
import io.dockworker.command.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of commands that nobody begins in time, on a real database. */
class OverdueWorkIT {
    private static final HostId LOST = new HostId("b");

    private Journal journal;
    private Fence lost;
    private WorkQueue itsQueue;
    private OverdueWork work;

    @BeforeEach
    void open() {
        journal = new Journal();
        lost = journal.claim(LOST);
        itsQueue = new PostgresWorkQueue(journal.jdbi(), lost);
        work = new OverdueWork(journal.jdbi(), journal.fence);
        // Placed on b, since a has one already.
        journal.accept(creating("0", "other"), creating("1", "web"));
        journal.accept(creating(header("2"), "many", 2));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void whatHasNotBegunFailsAndWhatHasIsUnknownOncePastItsDeadline() {
        Work begun = Journal.heads(itsQueue).getFirst();
        itsQueue.record(List.of(new LaneStep.Begin(begun, new Intent(Optional.empty()))));
        journal.lose(LOST);
        assertEquals(0, work.endLost(10));

        passDeadlines();
        assertEquals(2, work.endLost(10));

        CommandResult web = onlyResult();
        assertEquals(Outcome.Status.UNKNOWN, web.outcome().status());
        assertEquals(Optional.of(LOST), web.host());
        assertEquals(0, work.endLost(10));
        // Its other part lies on a host that lives, and is not anybody else's to end.
        journal.run("2#1", "many-1");
        CommandResult many = journal.results().getLast().result();
        assertEquals(ErrorCode.PARTIAL, many.outcome().failure().orElseThrow().code());
        assertEquals(List.of("many-1 ", "many-2 HOST_LOST"), many.outcome().containers().stream()
                .map(one -> one.reference() + " " + one.failure().map(failure -> failure.code().name()).orElse(""))
                .sorted().toList());
    }

    @Test
    void aHostThatComesBackCannotAnswerASecondTime() {
        Work begun = Journal.heads(itsQueue).getFirst();
        itsQueue.record(List.of(new LaneStep.Begin(begun, new Intent(Optional.empty()))));
        Work waiting = Journal.heads(itsQueue).get(1);
        journal.lose(LOST);
        passDeadlines();
        work.endLost(10);
        int results = journal.results().size();

        assertEquals(new Recorded.Over(),
                itsQueue.record(List.of(new LaneStep.Begin(waiting, new Intent(Optional.empty())))).getFirst());
        assertInstanceOf(Recorded.Ended.class,
                itsQueue.record(List.of(new LaneStep.End(Journal.succeeded(begun, "web")))).getFirst());
        assertEquals(results, journal.results().size());
    }

    @Test
    void everyCommandOfALaneGetsItsResultInWhateverOrderTheyEnd() {
        // Behind each other in one lane, their ids the other way round.
        journal.accept(start("z", "web"), start("a", "web"));
        journal.lose(LOST);
        passDeadlines("id = 'a'");
        assertEquals(1, work.endLost(10));
        assertEquals(Set.of("a"), journal.answered());

        journal.accept(start("b", "web"), start("c", "web"));
        passDeadlines("id in ('b', 'z')");
        assertEquals(2, work.endLost(10), "two of one lane in one portion, and two stay");
        passDeadlines();
        while (work.endLost(1) > 0) {
            assertTrue(journal.answered().size() <= 6);
        }
        assertEquals(Set.of("1", "z", "a", "b", "c"), journal.answered());
        assertEquals(0, journal.rows("names where name = 'web'"), "the lane went with its name");
    }

    @Test
    void whatWaitsBehindAnotherEndsWhenItIsDueAndTheOtherGoesOn() {
        journal.accept(creating("first", "lane"), start("late", "lane"), start("expired", "lane"),
                start("in-time", "lane"));
        Work first = journal.head("first");
        journal.begin(first);
        journal.jdbi().useHandle(handle -> {
            handle.execute("update commands set deadline_at = clock_timestamp() where id in ('first', 'late')");
            handle.execute("update commands set expires_at = clock_timestamp() where id = 'expired'");
        });
        assertEquals(2, work.endWaiting(10));
        assertEquals(0, work.endWaiting(10));
        Map<String, String> ends = journal.results().stream().map(OutboxMessage.Result::result)
                .collect(Collectors.toMap(result -> result.commandId().value(), result -> result.outcome().status()
                        + " " + result.outcome().failure().orElseThrow().code()));
        assertEquals(Map.of("late", "failed TIMEOUT", "expired", "expired EXPIRED"), ends);

        journal.end(Journal.succeeded(first, "lane"));
        assertEquals("in-time", journal.head("in-time").key().command().value());
    }

    private void passDeadlines() {
        passDeadlines("true");
    }

    private void passDeadlines(String which) {
        journal.jdbi().useHandle(
                handle -> handle
                        .execute("update commands set deadline_at = now() - interval '1 second' where host = 'b' and "
                                + which));
    }

    private CommandResult onlyResult() {
        assertEquals(1, journal.results().size());
        return journal.results().getFirst().result();
    }
}
