package io.dockworker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.ReadCommitted;
import io.dockworker.kafka.Sender;
import io.dockworker.standalone.TestServices;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each command sent up to five times, by two producers, while the worker is killed: one result each.
 * {@code -Ddockworker.poison=all} sends five times as many, {@code -Ddockworker.seed=S} the same ones again.
 */
@Tag("long")
final class DuplicatesIT {
    private static final int IDS = "all".equals(System.getProperty("dockworker.poison")) ? 10_000 : 2_000;
    private static final String IMAGE = "dockworker-duplicates-it:1";
    private static final int PARTITIONS = 6;

    private final long seed = Long.getLong("dockworker.seed", System.nanoTime());
    private final Copies copies = new Copies(seed, IDS, IMAGE);
    private final Random random = new Random(seed);
    private final Opened opened = new Opened();
    private final Map<Copies.Copy, CompletableFuture<Sender.Place>> places = new HashMap<>();
    private final Map<Copies.Command, Copies.Copy> firsts = new HashMap<>();

    @TempDir
    private Path directory;
    private Upstream upstream;
    private List<Sender> senders;

    @BeforeEach
    void start() throws Exception {
        opened.own(new TestImage(IMAGE));
        upstream = opened.own(new Upstream("duplicates-it."));
        senders = List.of(opened.own(new Sender(TestServices.bootstrapServers())),
                opened.own(new Sender(TestServices.bootstrapServers())));
    }

    @AfterEach
    void end() throws Exception {
        opened.close();
    }

    @Test
    void eachIdHasOneResultHoweverOftenItCameAndWhereverTheWorkerDied() throws Exception {
        int half = copies.all.size() / 2;
        KillableWorker doomed = worker();
        send(0, half);
        doomed.await("results of a fifth", () -> results().size() > IDS / 5);
        doomed.kill();
        int before = results().size();
        send(half, half + half / 2);
        KillableWorker worker = worker();
        send(half + half / 2, copies.all.size());
        worker.await("a result of each id", () -> ids().size() == IDS);
        // Behind all copies, in each partition: when they are answered, nothing that was sent is still to come.
        for (int partition = 0; partition < PARTITIONS; partition++) {
            senders.getFirst()
                    .sendTo(partition, record("last", "{\"id\":\"last-%d\",\"type\":\"start\",\"image\":\"last\"}"
                            .formatted(partition)))
                    .join();
        }
        worker.await("the last results", () -> ids().size() == IDS + PARTITIONS);
        var metrics = new Scrapes(worker.httpPort());
        worker.await("nothing under way", () -> metrics.value("dockworker_inbox_messages") == 0
                && metrics.value("dockworker_outbox_messages") == 0);

        System.out.printf("-Ddockworker.seed=%d: %d ids in %d records, %d results before the kill, %d in all%n", seed,
                IDS, copies.all.size(), before, results().size());
        assertTrue(before < IDS, "it died in the middle");
        List<String> sent = Stream.concat(copies.commands.stream().map(Copies.Command::id),
                IntStream.range(0, PARTITIONS).mapToObj(partition -> "last-" + partition)).sorted().toList();
        assertEquals(sent, results().stream().map(DuplicatesIT::id).sorted().toList(), "seed " + seed);
        assertEachEndsAsItMust();
        assertEachLaneIsInOrder();
        assertEquals(List.of(), upstream.seen("commands.dlq"));
        assertEachContainerLivedOnce();
    }

    private void assertEachEndsAsItMust() {
        Map<String, String> ends = new HashMap<>();
        for (JsonNode result : upstream.values("results")) {
            ends.put(result.path("command_id").asText(),
                    result.path("status").asText() + " " + result.at("/error/code").asText(""));
        }
        assertEquals(List.of(), copies.commands.stream()
                .filter(command -> !command.end().isEmpty() && !ends.get(command.id()).equals(command.end()))
                .map(command -> command + " ended as " + ends.get(command.id())).toList(), "seed " + seed);
    }

    /** Of those whose copies all have the lane's key: as the first copies stand in the topic. */
    private void assertEachLaneIsInOrder() {
        Map<Copies.Command, List<Copies.Copy>> ofCommand = copies.all.stream()
                .collect(Collectors.groupingBy(Copies.Copy::command));
        Map<String, Map<Long, String>> accepted = new HashMap<>();
        ofCommand.forEach((command, all) -> {
            if (!command.lane().isEmpty() && all.stream().allMatch(copy -> copy.key().equals(command.key()))) {
                long first = all.stream().map(copy -> places.get(copy).join()).map(Sender.Place::offset)
                        .min(Comparator.naturalOrder()).orElseThrow();
                accepted.computeIfAbsent(command.lane(), _ -> new TreeMap<>()).put(first, command.id());
            }
        });
        List<String> answered = results().stream().map(DuplicatesIT::id).toList();
        accepted.forEach((lane, inOrder) -> {
            Set<String> ofLane = new HashSet<>(inOrder.values());
            assertEquals(List.copyOf(inOrder.values()), answered.stream().filter(ofLane::contains).toList(),
                    lane + ", seed " + seed);
        });
        assertEquals(IDS / 100, accepted.size());
    }

    private void assertEachContainerLivedOnce() throws Exception {
        assertEquals("", Upstream.docker("ps", "-aq", "--filter", "label=managed-by=" + IMAGE));
        for (String type : List.of("create", "remove")) {
            List<String> names = upstream.values("events").stream()
                    .filter(event -> event.path("type").asText().equals(type))
                    // Others may have left something on this engine.
                    .filter(event -> event.path("image").asText().equals(IMAGE))
                    .map(event -> event.path("name").asText())
                    .sorted().toList();
            assertEquals(copies.commands.stream().map(Copies.Command::lane).filter(lane -> !lane.isEmpty()).distinct()
                    .sorted().toList(), names, type);
        }
    }

    private KillableWorker worker() throws Exception {
        return opened.own(new KillableWorker(directory, Map.of(), upstream.flags(directory, "duplicates-it")));
    }

    private void send(int from, int to) {
        for (Copies.Copy copy : copies.all.subList(from, to)) {
            // Whoever owns the key is the first to send, and to hear of it; a copy may be anybody's.
            int sender = copy.first() ? Math.floorMod(copy.key().hashCode(), 2) : random.nextInt(2);
            if (copy.first()) {
                firsts.put(copy.command(), copy);
            } else {
                places.get(firsts.get(copy.command())).join();
            }
            places.put(copy, senders.get(sender).send(record(copy.key(), copy.command().json())));
        }
    }

    private OutboundRecord record(String key, String json) {
        return new OutboundRecord(upstream.prefix + "commands", key.getBytes(UTF_8), json.getBytes(UTF_8), List.of());
    }

    private List<ReadCommitted.Seen> results() {
        return upstream.seen("results");
    }

    private Set<String> ids() {
        return results().stream().map(DuplicatesIT::id).collect(Collectors.toSet());
    }

    private static String id(ReadCommitted.Seen result) {
        return result.headers().get("ce_causationid");
    }
}
