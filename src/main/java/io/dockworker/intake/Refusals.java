package io.dockworker.intake;

import io.dockworker.journal.Incoming;
import io.dockworker.journal.Source;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what is no command, or none that may run, for whoever looks for it in the log; of a flood, the beginning. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);
    /** In each period. */
    static final int SAID = 20;

    private final LongSupplier nanos;
    private long periodBegan;
    private int said;
    private long unsaid;

    Refusals(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void say(List<Incoming> records) {
        for (Incoming record : records) {
            if (record instanceof Incoming.Valid) {
                continue;
            }
            endPeriod();
            if (said == 0) {
                periodBegan = nanos.getAsLong();
            }
            if (said < SAID) {
                said++;
                say(record);
            } else {
                unsaid++;
            }
        }
    }

    /** To be called now and then: how many were not said is said when their period is over. */
    void endPeriod() {
        if (said > 0 && nanos.getAsLong() - periodBegan >= PERIOD.toNanos()) {
            if (unsaid > 0) {
                LOG.warn("{} more that are no commands or rejected; see the dead letters and results", unsaid);
            }
            said = 0;
            unsaid = 0;
        }
    }

    private static void say(Incoming record) {
        Source source = record.source();
        switch (record) {
            case Incoming.Invalid invalid -> LOG.info("{} {} rejected: {}{}", invalid.id(), invalid.type(),
                    invalid.failure().message(), invalid.failure().field().map(field -> " (" + field + ")").orElse(""));
            case Incoming.Unreadable unreadable -> LOG.warn("{}/{}@{} is no command: {} {}", source.topic(),
                    source.partition(), source.offset(), unreadable.code(), unreadable.message());
            case Incoming.Valid _ -> {
                // Not among these.
            }
        }
    }
}
