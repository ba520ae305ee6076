package io.dockworker.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dockworker.command.HostId;
import io.dockworker.journal.Hosts;
import io.dockworker.journal.Inbox;
import io.dockworker.journal.Position;
import io.dockworker.journal.PostgresInbox;
import io.dockworker.journal.Unavailable;
import io.dockworker.kafka.CommandConsumer;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.TestPostgres;
import io.dockworker.standalone.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of commands that the database refuses, or seems to: on a real broker, and a database that a trigger makes ill. */
class IntakeRefusalsIT {
    private static final AtomicInteger PREFIXES = new AtomicInteger();
    /** One key, so one partition, and one batch of all that is sent before the first turn. */
    private static final byte[] KEY = "web".getBytes(StandardCharsets.UTF_8);

    private final String prefix = "intake" + PREFIXES.incrementAndGet() + ".";
    private final Properties client = new Properties();
    private final Database database = TestPostgres.fresh();
    private Inbox inbox;
    private Intake intake;

    @BeforeEach
    void open() throws InterruptedException {
        client.put("bootstrap.servers", TestServices.bootstrapServers());
        new TopicAdmin(client, TopicCatalog.load(prefix),
                OptionalInt.empty()).ensure(true);
        var claim = (Hosts.Claim.Owned) new Hosts(database.jdbi()).claim(new HostId("a"), "engine",
                Duration.ofSeconds(5), Hosts.Right.LOCK);
        inbox = new PostgresInbox(database.jdbi(), claim.fence());
        intake = new Intake(prefix + "commands", inbox, new SimpleMeterRegistry(), _ -> {});
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aFaultOfTheMomentCostsNoCommand() {
        // A sequence forgets nothing when a transaction is rolled back.
        makeIll("if nextval('faults') <= 4 then raise 'cached plan must not change result type' "
                + "using errcode = '0A000'; end if;");
        takeIn("c1", "c2", "c3");
        assertEquals(Set.of("c1", "c2", "c3"), stored());
        assertEquals(0, deadLetters());
    }

    @Test
    void aRefusalOfAnothersDoingCostsNoCommand() {
        makeIll("if nextval('faults') <= 1 then raise unique_violation; end if;");
        takeIn("alone");
        assertEquals(Set.of("alone"), stored());
        assertEquals(0, deadLetters());
    }

    @Test
    void aCommandThatIsRefusedForItsContentIsADeadLetterAlone() {
        makeIll("if new.id = 'c2' then raise invalid_text_representation; end if;");
        takeIn("c1", "c2", "c3", "c4");
        assertEquals(Set.of("c1", "c3", "c4"), stored());
        assertEquals(1, deadLetters());
    }

    @Test
    void aBatchThatIsTooMuchForTheServerIsHalved() {
        makeIll("if (select count(*) from commands where xmin = pg_current_xact_id()::xid) >= 2 then "
                + "raise out_of_memory; end if;");
        takeIn("c1", "c2", "c3", "c4", "c5", "c6", "c7");
        assertEquals(7, stored().size());
        assertEquals(0, deadLetters());
    }

    @Test
    void aWorkerThatComesBackTakesItsPartitionsAtOnceAndShutsOutTheOneBefore() {
        send("c1");
        // It is not closed: it froze, or was killed.
        CommandConsumer frozen = consumer();
        takeTurns(frozen, 1);
        send("c2");
        try (CommandConsumer back = consumer()) {
            takeTurns(back, 2);
            send("c3");
            takeTurns(back, 3);
            Awaitility.await().atMost(Duration.ofSeconds(60))
                    .until(() -> isShutOut(frozen));
        }
        frozen.close();
        assertEquals(Set.of("c1", "c2", "c3"), stored());
    }

    private boolean isShutOut(CommandConsumer consumer) {
        try {
            intake.runOnce(consumer);
            return false;
        } catch (CommandConsumer.Fenced _) {
            return true;
        }
    }

    private CommandConsumer consumer() {
        return new CommandConsumer(client, prefix + "commands", prefix + "workers", "a", intake,
                new SimpleMeterRegistry());
    }

    /** All in one batch. */
    private void takeIn(String... ids) {
        send(ids);
        try (CommandConsumer consumer = consumer()) {
            takeTurns(consumer, ids.length);
        }
    }

    /** As the worker's loop does, until the topic is taken in as far as that. */
    private void takeTurns(CommandConsumer consumer, long records) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            try {
                intake.runOnce(consumer);
            } catch (Unavailable _) {
                // Said, and done again.
            }
            return taken() == records;
        });
    }

    private long taken() {
        return IntStream.range(0, 6).mapToObj(partition -> inbox.position(prefix + "commands", partition))
                .flatMap(Optional::stream).mapToLong(Position::nextOffset).sum();
    }

    private void send(String... ids) {
        try (var publisher = new Publisher(client, Duration.ofSeconds(30))) {
            for (String id : ids) {
                publisher.publish(new OutboundRecord(prefix + "commands", KEY,
                        "{\"id\":\"%s\",\"type\":\"create\",\"image\":\"nginx\",\"name\":\"%s\"}".formatted(id, id)
                                .getBytes(StandardCharsets.UTF_8),
                        List.of())).join();
            }
        }
    }

    private void makeIll(String body) {
        database.jdbi().useHandle(handle -> {
            handle.execute("create sequence faults");
            handle.execute("create function ill() returns trigger language plpgsql as $$ begin " + body
                    + " return new; end $$");
            handle.execute("create trigger ill before insert on commands for each row execute function ill()");
        });

    }

    private Set<String> stored() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select id from commands").mapTo(String.class).set());
    }

    private int deadLetters() {
        return database.jdbi().withHandle(handle -> handle
                .createQuery("select count(*) from outbox where kind = 'DeadLetter'").mapTo(Integer.class).one());
    }
}
