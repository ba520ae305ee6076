package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.execution.Checkpoint;
import io.dockworker.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose engine is reached over TCP, where no lock keeps a second worker away. */
final class TcpEngineIT {
    private static final String IMAGE = "dockworker-tcp-it:1";

    @TempDir
    private Path directory;

    @Test
    void anEngineOverTcpIsWorkedOnAndOnlyTakenFromAWorkerThatLeftOrByTakeOver() throws Exception {
        try (var _ = new TestImage(IMAGE);
                var way = Way.onAnyPort(Way.localEngine());
                var upstream = new Upstream("tcp-it.")) {
            List<String> flags = new ArrayList<>(upstream.flags(directory, "tcp-it"));
            flags.add("--docker-host=tcp://127.0.0.1:" + way.port());
            Settings settings = Settings.read(Map.of(), flags);
            // One that ends in order says so, and leaves the engine to the next.
            Worker.start(settings, Worker.How.WITH_ANY_PORT, Checkpoint.NONE).close();
            Worker first = Worker.start(settings, Worker.How.WITH_ANY_PORT, Checkpoint.NONE);
            try {
                upstream.send("tcp", """
                        {"id":"tcp-1","type":"create","image":"%s","name":"tcp-it","pull_policy":"never",
                         "network_mode":"none"}""".formatted(IMAGE));
                JsonNode created = upstream.result("tcp-1");
                assertEquals("succeeded", created.path("status").asText(), created::toString);
                JsonNode sample = Awaitility.await().atMost(Duration.ofSeconds(30))
                        .until(() -> upstream.values("health"), all -> !all.isEmpty()).getFirst();
                assertTrue(sample.path("memory_bytes").asLong() > 0, sample::toString);
                assertTrue(sample.path("disk_usage").isNull(), sample::toString);

                Worker.Refused refused = assertThrows(Worker.Refused.class,
                        () -> Worker.start(settings, Worker.How.WITH_ANY_PORT, Checkpoint.NONE));
                assertTrue(refused.getMessage().contains("--take-over"), refused.getMessage());

                try (Worker second = Worker.start(settings, new Worker.How(true, true), Checkpoint.NONE)) {
                    Awaitility.await().until(() -> first.ended().isCompletedExceptionally());
                    first.close();
                    upstream.send("tcp", "{\"id\":\"tcp-2\",\"type\":\"remove\",\"target\":\"tcp-it\"}");
                    assertEquals("succeeded", upstream.result("tcp-2").path("status").asText());
                    assertEquals(false, second.ended().isDone());
                }
            } finally {
                first.close();
            }
        }
    }
}
