package io.dockworker.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.HostId;
import io.dockworker.journal.Fence;
import io.dockworker.journal.Hosts;
import io.dockworker.journal.Incoming;
import io.dockworker.journal.IntakeBatch;
import io.dockworker.journal.Outbox;
import io.dockworker.journal.Position;
import io.dockworker.journal.PostgresInbox;
import io.dockworker.journal.PostgresOutbox;
import io.dockworker.journal.Source;
import io.dockworker.journal.Superseded;
import io.dockworker.kafka.ReadCommitted;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.kafka.TransactionalPublisher;
import io.dockworker.postgres.Database;
import io.dockworker.postgres.TestPostgres;
import io.dockworker.standalone.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the relay promises, on a real broker and a real database. Dead letters stand for all messages: their key is
 * chosen here, so that one partition shows the order.
 */
class RelayIT {
    private static final HostId SELF = new HostId("a");
    private static final AtomicInteger PREFIXES = new AtomicInteger();

    private final String prefix = "relay" + PREFIXES.incrementAndGet() + ".";
    private final Database database = TestPostgres.fresh();
    private final Hosts hosts = new Hosts(database.jdbi());
    private final List<Relay> opened = new ArrayList<>();
    private Fence fence;

    @BeforeEach
    void open() throws InterruptedException {
        TopicAdmin.Report report = new TopicAdmin(clientProperties(),
                TopicCatalog.load(prefix), OptionalInt.empty()).ensure(true);
        assertTrue(report.isComplete(), report.toString());
        fence = claim();
    }

    @AfterEach
    void close() {
        opened.forEach(Relay::close);
        database.close();
    }

    @Test
    void eachMessageIsPublishedOnceAndInOrder() throws Exception {
        Relay relay = relay();
        append(words(0, 3));
        relay.runOnce();
        append(words(3, 5));
        relay.runOnce();
        relay.runOnce();
        assertEquals(words(0, 5), published());
        assertEquals(new Outbox.Mark(5, 5), new PostgresOutbox(database.jdbi(), fence).mark());
        assertEquals(0, new PostgresOutbox(database.jdbi(), fence).backlog().messages());
    }

    @Test
    void moreThanOneBatchKeepsItsOrder() throws Exception {
        append(words(0, 600));
        Relay relay = relay();
        relay.runOnce();
        relay.runOnce();
        assertEquals(words(0, 600), published());
    }

    @Test
    void aBatchIsBoundedByItsBytesToo() throws Exception {
        List<String> large = IntStream.range(0, 12).mapToObj(i -> i + "x".repeat(1_000_000)).toList();
        append(large);
        append(List.of("y".repeat(9_000_000), "z"));
        Relay relay = relay();
        // One reader for all turns: each record is read once, and not again at every look.
        try (var reader = new ReadCommitted(TestServices.bootstrapServers(), prefix + "commands.dlq")) {
            relay.runOnce();
            assertTrue(reader.records().size() < 6, "what is published at once");
            for (int turns = 0; turns < 12; turns++) {
                assertTrue(new PostgresOutbox(database.jdbi(), fence).next(reader.records().size(), 500).size() < 6);
                relay.runOnce();
            }
            List<String> all = reader.records().stream().map(ReadCommitted.Seen::value).toList();
            assertEquals(large, all.subList(0, 12));
            assertNull(all.get(12), "larger than the bound, so alone; then reduced");
            assertEquals("z", all.get(13));
        }
    }

    @Test
    void whatKafkaCommittedIsNotPublishedAgainByASuccessor() throws Exception {
        append(words(0, 3));
        relay().runOnce();
        // The database never heard of it.
        assertEquals(new Outbox.Mark(3, 0), new PostgresOutbox(database.jdbi(), fence).mark());
        append(words(3, 4));
        Relay successor = relay();
        successor.runOnce();
        successor.runOnce();
        assertEquals(words(0, 4), published());
        assertEquals(new Outbox.Mark(4, 4), new PostgresOutbox(database.jdbi(), fence).mark());
    }

    @Test
    void aFrozenPredecessorIsShutOutAndLeavesItsSuccessorAlone() throws Exception {
        Relay frozen = relay();
        append(words(0, 1));
        frozen.runOnce();
        Outbox predecessors = new PostgresOutbox(database.jdbi(), fence);
        append(words(1, 2));
        List<Outbox.Numbered> taken = predecessors.next(1, 10);
        assertEquals(1, taken.size());

        fence = claim();
        Relay successor = relay();
        successor.runOnce();
        append(words(2, 3));
        // It wakes up, and tries as often as its loop would.
        assertThrows(Superseded.class, frozen::runOnce);
        frozen.close();
        assertThrows(Superseded.class, frozen::runOnce);
        successor.runOnce();
        assertEquals(words(0, 3), published());
    }

    @Test
    void aProducerOfAPredecessorIsFenced() {
        try (TransactionalPublisher predecessor = publisher(); TransactionalPublisher _ = publisher()) {
            RuntimeException refused = assertThrows(RuntimeException.class, () -> predecessor.publish(List.of(), 1));
            assertTrue(ReadCommitted.isFenced(refused), refused.toString());
        }
    }

    @Test
    void aDatabaseThatLostCommitsIsNoticedAndGoesOnWhenSomebodyAnswersForIt() throws Exception {
        try (TransactionalPublisher earlier = publisher()) {
            earlier.publish(List.of(), 7);
        }
        append(words(0, 1));
        Relay relay = relay();
        String said = assertThrows(Outbox.Regressed.class, relay::runOnce).getMessage();
        assertTrue(said.contains(" 7 messages of this host are published"), said);
        assertEquals(List.of(), published());
        // As docs/OPERATIONS.md says.
        database.jdbi().useHandle(handle -> handle
                .execute("update hosts set given = 7, published = 7 where host = ?", fence.host().value()));
        relay.runOnce();
        assertEquals(words(0, 1), published());
    }

    @Test
    void aDatabaseThatLosesCommitsUnderARunningRelayIsNoticed() throws Exception {
        append(words(0, 3));
        Relay relay = relay();
        relay.runOnce();
        database.jdbi().useHandle(handle -> handle
                .execute("with lost as (delete from outbox) update hosts set given = 1, published = 1"));
        append(words(3, 5));
        assertThrows(Outbox.Regressed.class, relay::runOnce);
        assertThrows(Outbox.Regressed.class, relay::runOnce);
        assertEquals(words(0, 3), published());
        assertEquals(2, new PostgresOutbox(database.jdbi(), fence).backlog().messages(), "nothing is dropped");
    }

    @Test
    void aRecordTooLargeForItsTopicIsReducedAndTheRestGoesOn() throws Exception {
        refusedAsIs(2_500_000);
    }

    @Test
    void aRecordTooLargeToBeSentAtAllIsReducedAndTheRestGoesOn() throws Exception {
        refusedAsIs(9 << 20);
    }

    private void refusedAsIs(int size) throws InterruptedException {
        append(words(0, 1));
        append(List.of("x".repeat(size)));
        append(words(1, 300));
        Relay relay = relay();
        while (new PostgresOutbox(database.jdbi(), fence).backlog().messages() > 0) {
            relay.runOnce();
        }
        List<String> values = new ArrayList<>(published());
        assertEquals(301, values.size());
        // A reduced dead letter has headers alone.
        assertNull(values.remove(1));
        assertEquals(words(0, 300), values);
    }

    private Fence claim() {
        return ((Hosts.Claim.Owned) hosts.claim(SELF, "engine", Duration.ofSeconds(5), Hosts.Right.LOCK)).fence();
    }

    private Relay relay() {
        var relay = new Relay(new PostgresOutbox(database.jdbi(), fence), this::publisher, prefix, SELF,
                new SimpleMeterRegistry());
        opened.add(relay);
        return relay;
    }

    private TransactionalPublisher publisher() {
        return new TransactionalPublisher(clientProperties(), prefix + "relay.a", prefix + "results",
                new SimpleMeterRegistry());
    }

    private static Properties clientProperties() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", TestServices.bootstrapServers());
        return properties;
    }

    /** Takes in records that are no commands; each becomes one message. */
    private void append(List<String> values) {
        var inbox = new PostgresInbox(database.jdbi(), fence);
        Optional<Position> before = inbox.position("commands", 0);
        long first = before.map(Position::nextOffset).orElse(0L);
        List<Incoming> records = IntStream.range(0, values.size())
                .mapToObj(i -> (Incoming) new Incoming.Unreadable("NOT_JSON", "?", new Source("commands", 0, first + i,
                        "key".getBytes(UTF_8), values.get(i).getBytes(UTF_8), List.of())))
                .toList();
        inbox.accept(new IntakeBatch("commands", 0, before,
                new Position("t", first + values.size(), OptionalInt.empty()), records));
    }

    private static List<String> words(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    private List<String> published() {
        return ReadCommitted.values(TestServices.bootstrapServers(), prefix + "commands.dlq");
    }
}
