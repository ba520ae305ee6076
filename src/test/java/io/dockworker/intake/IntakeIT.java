package io.dockworker.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.dockworker.command.HostId;
import io.dockworker.journal.Fence;
import io.dockworker.journal.Hosts;
import io.dockworker.journal.IntakeBatch;
import io.dockworker.journal.Position;
import io.dockworker.journal.PostgresInbox;
import io.dockworker.kafka.Positions.Log;
import io.dockworker.kafka.Positions.Start;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where reading goes on, by what the journal and the broker say. */
final class IntakeIT {
    private static final String TOPIC = "dockworker.commands";
    private static final Position TAKEN = new Position("topic-1", 8, OptionalInt.of(3));

    private final AtomicLong nanos = new AtomicLong();
    private Database database;
    private Intake intake;

    @BeforeEach
    void open() {
        database = TestPostgres.fresh();
        var claim = (Hosts.Claim.Owned) new Hosts(database.jdbi()).claim(new HostId("a"), "engine",
                Duration.ofSeconds(5), Hosts.Right.LOCK);
        Fence fence = claim.fence();
        var inbox = new PostgresInbox(database.jdbi(), fence);
        inbox.accept(new IntakeBatch(TOPIC, 0, Optional.empty(), TAKEN, List.of()));
        intake = new Intake(TOPIC, inbox, new SimpleMeterRegistry(), _ -> {}, nanos::get);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void itGoesOnFromTheJournalsPositionOrFromTheStartOfWhatWasNeverRead() {
        assertEquals(new Start.At(8, OptionalInt.of(3)), intake.start(log(0, "topic-1", 0, 8)));
        assertEquals(new Start.Earliest(), intake.start(log(1, "topic-1", 0, 0)));
        assertEquals(List.of(), intake.gaps());
    }

    @Test
    void whatIsGoneForSureIsAGapAtOnce() {
        assertEquals(new Start.Earliest(), intake.start(log(0, "topic-1", 9, 12)));
        assertEquals(new Start.Earliest(), intake.start(log(0, "topic-2", 0, 12)));
        assertEquals(2, intake.gaps().size(), intake.gaps()::toString);
    }

    @Test
    void aGapIsToldOnceHoweverOftenItIsMet() {
        intake.start(log(0, "topic-1", 9, 9));
        assertEquals(new Start.Earliest(), intake.start(log(0, "topic-1", 9, 9)));
        assertEquals(1, intake.gaps().size(), intake.gaps()::toString);
        intake.start(log(0, "topic-1", 10, 10));
        assertEquals(2, intake.gaps().size(), intake.gaps()::toString);
    }

    @Test
    void aLogThatLooksShorterIsAGapOnlyIfItStaysSo() {
        assertInstanceOf(Start.NotYet.class, intake.start(log(0, "topic-1", 0, 0)));
        nanos.addAndGet(Intake.PATIENCE.toNanos() - 1);
        assertInstanceOf(Start.NotYet.class, intake.start(log(0, "topic-1", 0, 0)));
        assertEquals(new Start.At(8, OptionalInt.of(3)), intake.start(log(0, "topic-1", 0, 8)));
        assertEquals(List.of(), intake.gaps());

        assertInstanceOf(Start.NotYet.class, intake.start(log(0, "topic-1", 0, 5)));
        nanos.addAndGet(Intake.PATIENCE.toNanos());
        assertEquals(new Start.Earliest(), intake.start(log(0, "topic-1", 0, 5)));
        assertEquals(1, intake.gaps().size(), intake.gaps()::toString);
    }

    private static Log log(int partition, String topicId, long start, long end) {
        return new Log(partition, topicId, start, end, false);
    }
}
