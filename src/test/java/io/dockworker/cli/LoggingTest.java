package io.dockworker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    @Test
    void aFullDiskIsSaidOnceAndStopsNobody() {
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        List<Appender<ILoggingEvent>> before = appenders(root);
        var console = new ListAppender<ILoggingEvent>();
        console.start();
        root.addAppender(console);
        try {
            Logging.apply(new Settings.Log(Settings.Log.Level.INFO, Settings.Log.Format.TEXT,
                    Optional.of(Path.of("/dev/full"))));
            Logger logger = (Logger) LoggerFactory.getLogger("io.dockworker.Some");
            logger.info("one");
            logger.info("two");

            assertEquals(List.of("LOG_FILE /dev/full cannot be written: No space left on device (trying again)", "one",
                    "two"), console.list.stream().map(ILoggingEvent::getFormattedMessage).sorted().toList());
        } finally {
            appenders(root).stream().filter(appender -> !before.contains(appender)).forEach(root::detachAppender);
        }
    }

    private static List<Appender<ILoggingEvent>> appenders(Logger logger) {
        List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
        logger.iteratorForAppenders().forEachRemaining(appenders::add);
        return appenders;
    }
}
