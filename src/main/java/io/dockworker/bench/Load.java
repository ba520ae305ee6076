package io.dockworker.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.kafka.TopicReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends commands and takes note of results, so that there is always something to do and never too much. */
final class Load implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_OPEN = 12;
    private static final int MOST_OPEN_OF_A_KEY = 3;
    private static final int BETWEEN_MILLIS = 120;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final CommandMix mix;
    private final Random pace;
    private final String prefix;
    private final Publisher publisher;
    private final TopicReader results;
    /** By id, the key. */
    private final Map<String, String> open = new ConcurrentHashMap<>();
    private final Set<String> ended = new HashSet<>();
    private final Thread thread;
    private volatile boolean stopped;
    private volatile boolean closed;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile RuntimeException fault;

    Load(CommandMix mix, long seed, Properties client, String prefix) {
        this.mix = mix;
        this.pace = new Random(seed);
        this.prefix = prefix;
        publisher = new Publisher(client, Duration.ofSeconds(20));
        results = new TopicReader(client, List.of(prefix + "results"));
        thread = Thread.ofPlatform().name("load").start(this::run);
    }

    int sent() {
        return sent.get();
    }

    int answered() {
        return answered.get();
    }

    /** @throws RuntimeException if nothing is sent any more, since that failed */
    void check() {
        if (fault != null) {
            throw fault;
        }
    }

    /** The ids of commands that have no result yet. */
    Set<String> open() {
        return Set.copyOf(open.keySet());
    }

    /** @return false if some of them have not ended in time */
    boolean awaitEnd(Set<String> ids, Duration patience) throws InterruptedException {
        long begin = System.nanoTime();
        while (ids.stream().anyMatch(open::containsKey)) {
            if (System.nanoTime() - begin > patience.toNanos()) {
                return false;
            }
            Thread.sleep(LOOK);
        }
        return true;
    }

    /**
     * Sends nothing more, and waits until each command has its result.
     *
     * @param patience without any progress
     * @return how many have none
     */
    int finish(Duration patience) throws InterruptedException {
        stopped = true;
        long last = System.nanoTime();
        int before = answered();
        while (thread.isAlive() && System.nanoTime() - last < patience.toNanos()) {
            thread.join(LOOK);
            if (answered() != before) {
                before = answered();
                last = System.nanoTime();
            }
        }
        check();
        return sent() - answered();
    }

    private void run() {
        try (publisher; results) {
            CommandMix.Sent waiting = null;
            while (!closed) {
                if (waiting == null && !stopped) {
                    waiting = mix.next();
                }
                boolean room = waiting != null && open.size() < MOST_OPEN && openOf(waiting.key()) < MOST_OPEN_OF_A_KEY;
                if (room) {
                    send(waiting);
                    waiting = null;
                }
                if (stopped && waiting == null && open.isEmpty()) {
                    return;
                }
                read(room ? Duration.ofMillis(pace.nextInt(BETWEEN_MILLIS)) : LOOK);
            }
        } catch (RuntimeException e) {
            fault = e;
        }
    }

    private long openOf(String key) {
        return open.values().stream().filter(key::equals).count();
    }

    private void send(CommandMix.Sent command) {
        publisher.publish(new OutboundRecord(prefix + "commands", command.key().getBytes(StandardCharsets.UTF_8),
                command.command().toString().getBytes(StandardCharsets.UTF_8), List.of())).join();
        if (!ended.contains(command.id()) && open.put(command.id(), command.key()) == null) {
            sent.incrementAndGet();
        }
    }

    private void read(Duration time) {
        for (TopicReader.Read read : results.poll(time)) {
            try {
                String id = JSON.readTree(read.record().value()).path("command_id").asText();
                ended.add(id);
                if (open.remove(id) != null) {
                    answered.incrementAndGet();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Sends nothing more, and reads nothing more. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
