package io.dockworker.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dockworker.bench.audit.EngineSocket;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Waits for what the engine tells of an image's containers. */
final class EventWatch implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final EngineSocket.Lines stream;
    private final BlockingQueue<String> actions = new LinkedBlockingQueue<>();

    private EventWatch(EngineSocket.Lines stream) {
        this.stream = stream;
        Thread.ofVirtual().name("events").start(this::read);
    }

    static EventWatch open(EngineSocket engine, String label) throws IOException {
        String filters = "{\"type\":[\"container\"],\"event\":[\"create\",\"start\"],\"label\":[\"" + label + "\"]}";
        return new EventWatch(engine.follow("/events?filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8)));
    }

    private void read() {
        try {
            for (String line = stream.next(); line != null; line = stream.next()) {
                if (!line.isEmpty()) {
                    actions.add(JSON.readTree(line).path("Action").asText());
                }
            }
        } catch (IOException _) {
            // It is closed.
        }
    }

    /** @return false if none came in time */
    boolean await(String action, Duration patience) throws InterruptedException {
        actions.clear();
        long end = System.nanoTime() + patience.toNanos();
        String seen = "";
        while (seen != null && !seen.equals(action)) {
            seen = actions.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        return seen != null;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
