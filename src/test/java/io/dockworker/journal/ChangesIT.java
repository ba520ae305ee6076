package io.dockworker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.command.HostId;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChangesIT {
    private final Database database = TestPostgres.fresh();
    private final Changes changes = new Changes(database.jdbi());

    @AfterEach
    void close() {
        database.close();
    }

    /** A reader that has read past a change which commits late would never see it. */
    @Test
    void whatCommitsLateIsNotPassedOver() {
        var seen = new ArrayList<String>();
        Changes.Position position;
        try (Handle late = database.jdbi().open()) {
            late.begin();
            Changes.append(late, List.of(gone("a")));
            database.jdbi().useTransaction(transaction -> Changes.append(transaction, List.of(gone("b"))));
            Changes.Page page = changes.after(Changes.Position.START, 10);
            page.changes().forEach(placed -> seen.add(digit(placed)));
            position = page.next();
            late.commit();
        }
        Awaitility.await().atMost(Duration.ofSeconds(60))
                .until(() -> changes.after(position, 10).changes().size() + seen.size() == 2);
        changes.after(position, 10).changes().forEach(placed -> seen.add(digit(placed)));
        assertEquals(List.of("a", "b"), seen);
    }

    @Test
    void whoHasMissedSomethingIsToldOnce() {
        database.jdbi().useTransaction(transaction -> Changes.append(transaction, List.of(gone("a"), gone("b"))));
        Awaitility.await().atMost(Duration.ofSeconds(60))
                .until(() -> changes.after(Changes.Position.START, 10).changes().size() == 2);
        Changes.Position end = changes.end();
        assertEquals(2, (int) database.jdbi().inTransaction(transaction -> Changes.forget(transaction, -3600, 10)));

        Changes.Page page = changes.after(Changes.Position.START, 10);
        assertTrue(page.missed());
        assertFalse(changes.after(page.next(), 10).missed());
        assertFalse(changes.after(end, 10).missed());
        assertEquals(end, changes.end());
        // From another database, whose transactions were counted further.
        assertTrue(changes.after(new Changes.Position(1L << 50, 1), 10).missed());
    }

    private static OutboxMessage gone(String digit) {
        return new OutboxMessage.Forgotten(new HostId("host"), new ContainerId(digit.repeat(64)), Instant.EPOCH);
    }

    private static String digit(Changes.Placed placed) {
        return ((Changes.Change.Gone) placed.change()).container().value().substring(0, 1);
    }
}
