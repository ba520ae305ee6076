package io.dockworker.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.dockworker.journal.Incoming;
import io.dockworker.journal.Source;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalsTest {
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Intake.class);
    private final AtomicLong nanos = new AtomicLong();
    private final Refusals refusals = new Refusals(nanos::get);

    @BeforeEach
    void listen() {
        said.start();
        logger.addAppender(said);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(said);
    }

    @Test
    void aFloodInSmallBatchesFillsNoLog() {
        for (int i = 0; i < 1_000; i++) {
            refuse(i);
            nanos.addAndGet(Duration.ofMillis(1).toNanos());
        }
        assertEquals(Refusals.SAID, said.list.size());
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        refusals.endPeriod();
        assertEquals("980 more that are no commands or rejected; see the dead letters and results",
                said.list.getLast().getFormattedMessage());
        refusals.endPeriod();
        refuse(7);
        assertEquals("t/0@7 is no command: NOT_JSON ?", said.list.getLast().getFormattedMessage());
        assertEquals(Refusals.SAID + 2, said.list.size());
    }

    private void refuse(long offset) {
        refusals.say(List.of(new Incoming.Unreadable("NOT_JSON", "?",
                new Source("t", 0, offset, null, null, List.of()))));
    }
}
