package io.dockworker.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.End;
import io.dockworker.observation.EngineEvents.Hint;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the stream of events is read, and that no reader waits for ever on one that went silent. */
class EventStreamTest {
    private static final String ID = "ab".repeat(32);
    private static final String HEALTH = """
            {"Type":"container","Action":"health_status: unhealthy","Actor":{"ID":"%s","Attributes":{"name":"web"}},\
            "time":7,"timeNano":7000000009}
            """.formatted(ID);

    @TempDir
    private Path directory;
    private final Queue<Hint> heard = new ConcurrentLinkedQueue<>();

    @Test
    void aStreamThatFallsSilentIsLeftAndOneThatEndsIsLost() throws Exception {
        Path socket = directory.resolve("engine.sock");
        try (var engine = new ScriptedEngine(socket, (request, answer) -> {
            ScriptedEngine.stream(answer, HEALTH, "no event at all\n");
            if (request.contains("since=")) {
                return;
            }
            ScriptedEngine.SILENT.react(request, answer);
        }); var link = new EngineLink(ScriptedEngine.connection(socket))) {
            var stream = new EventStream(link, Duration.ofSeconds(3));
            assertEquals(new End.Silent(), stream.follow(Optional.empty(), () -> {}, heard::add));
            assertEquals(List.of(new Hint(new ContainerId(ID), Action.HEALTH_STATUS, Instant.ofEpochSecond(7, 9),
                    Map.of("name", "web", "health", "unhealthy"))), List.copyOf(heard));
            assertInstanceOf(End.Lost.class,
                    stream.follow(Optional.of(Instant.ofEpochSecond(7, 10)), () -> {}, heard::add));
            assertTrue(engine.requests().getLast().contains("&since=7.000000010 "), engine.requests()::toString);
        }
    }

    @Test
    void anEngineThatIsAwayIsLost() throws Exception {
        try (var link = new EngineLink(ScriptedEngine.connection(directory.resolve("nobody.sock")))) {
            assertInstanceOf(End.Lost.class, new EventStream(link, Duration.ofSeconds(30)).follow(Optional.empty(),
                    () -> {}, heard::add));
        }
    }
}
