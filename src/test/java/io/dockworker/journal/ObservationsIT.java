package io.dockworker.journal;

import static io.dockworker.journal.Journal.SELF;
import static io.dockworker.journal.Journal.creating;
import static io.dockworker.journal.Journal.header;
import static io.dockworker.journal.Journal.id;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.Command;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.Target;
import io.dockworker.journal.Observations.Past;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is read of containers while commands work on them, on a real database. */
class ObservationsIT {
    private final Journal journal = new Journal();
    private final Observations observations = new Observations(journal.jdbi());

    @AfterEach
    void close() {
        journal.close();
    }

    /** To read what is on record takes several questions; neither known as at work nor as told, a stop would be told twice. */
    @Test
    void aCommandThatEndsBetweenAnyTwoQuestionsIsAtWorkOrHasTold() {
        int questions = 0;
        boolean ends = true;
        while (ends) {
            String name = "web" + ++questions;
            journal.accept(creating("create-" + questions, name));
            journal.run("create-" + questions, name);
            journal.accept(new Command.Stop(header("stop-" + questions), new Target.One(name), Optional.empty(),
                    Optional.empty()));
            Work stop = journal.head("stop-" + questions);
            journal.begin(stop);
            var left = new AtomicInteger(questions);
            journal.jdbi().setSqlLogger(new SqlLogger() {
                @Override
                public void logAfterExecution(StatementContext statement) {
                    if (left.decrementAndGet() == 0) {
                        journal.end(stopped(stop, name));
                    }
                }
            });
            Past past = observations
                    .of(SELF, Map.of(id(name), Optional.of(header("create-" + questions).id())), Instant.EPOCH)
                    .get(id(name));
            journal.jdbi().setSqlLogger(SqlLogger.NOP_SQL_LOGGER);
            ends = left.get() <= 0;
            boolean told = past.told().stream().anyMatch(event -> event.type() == ContainerEvent.Type.STOP);
            assertTrue(past.isBusy() || told, "it ended after question " + questions + ": " + past);
        }
        assertTrue(questions > 2, "it has asked, and the command ended meanwhile");
    }

    private static Completion stopped(Work work, String container) {
        Completion end = Journal.succeeded(work, container);
        var stop = new ContainerEvent(container + ".stop", ContainerEvent.Type.STOP, id(container), container, "nginx",
                SELF, Map.of(), Instant.EPOCH.plusSeconds(2), ContainerEvent.Cause.COMMAND,
                Optional.of(work.key().command()), OptionalInt.of(0), Map.of());
        return new Completion(work, end.attempt(), end.outcome(), end.startedAt(), end.laneHolds(), end.seen(),
                end.gone(), end.spec(), end.freedName(), List.of(stop), end.timings());
    }
}
