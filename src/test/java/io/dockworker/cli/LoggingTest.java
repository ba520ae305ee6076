package io.dockworker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

final class LoggingTest {
    @Test
    void aJsonLineSaysWhichCommandAndContainerItIsAbout() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.dockworker.Some");
        Encoder<ILoggingEvent> encoder = Logging.json();
        encoder.setContext(logger.getLoggerContext());
        encoder.start();
        LoggingEvent event;
        try (var _ = MDC.putCloseable("command_id", "c-1"); var _ = MDC.putCloseable("container_id", "3f2a")) {
            event = new LoggingEvent("", logger, Level.WARN, "\"{}\"\nfailed", new IllegalStateException("why"),
                    new Object[]{"create"});
            event.prepareForDeferredProcessing();
        }
        String line = new String(encoder.encode(event), StandardCharsets.UTF_8);

        assertEquals(line.length() - 1, line.indexOf('\n'), "one line: " + line);
        JsonNode json = new ObjectMapper().readTree(line);
        assertEquals("c-1", json.at("/mdc/command_id").asText(), line);
        assertEquals("3f2a", json.at("/mdc/container_id").asText(), line);
        assertEquals("WARN", json.path("level").asText(), line);
        assertEquals("\"create\"\nfailed", json.path("formattedMessage").asText(), line);
        assertEquals("why", json.at("/throwable/message").asText(), line);
        assertTrue(json.path("timestamp").isNumber(), line);
    }
}
