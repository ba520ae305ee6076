package io.dockworker.observation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.ContainerId;
import io.dockworker.observation.EngineEvents.Action;
import io.dockworker.observation.EngineEvents.Hint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HintReaderTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void whatAFloodWashesAwayIsCountedAndAsksForALookAtAll() throws Exception {
        var hint = new Hint(new ContainerId("ab".repeat(32)), Action.KILL, Instant.EPOCH, Map.of());
        var reader = new HintReader((_, connected, sink) -> {
            connected.run();
            for (int i = 0; i < 5; i++) {
                sink.accept(hint);
            }
            return new EngineEvents.End.Silent();
        }, 3, meters);
        reader.readOnce();
        assertTrue(reader.hasMissed(), "what was before the first connection");
        assertFalse(reader.hasMissed());
        assertEquals(3, reader.takeNow().size());
        assertEquals("3.0 read, 2.0 lost", counted("read") + " read, " + counted("lost") + " lost");

        reader.readOnce();
        assertTrue(reader.hasMissed(), "what was lost");
    }

    private double counted(String outcome) {
        return meters.counter("dockworker.engine.events", "outcome", outcome).count();
    }
}
