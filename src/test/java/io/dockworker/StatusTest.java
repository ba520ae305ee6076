package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StatusTest {
    private final RuntimeException fault = new IllegalStateException("no connection");

    /** What was begun while it was away may end badly once it is back. */
    @Test
    void faultsOfAnOutageAreNoSignThatWhatIsBackDoesNotDoItsWork() {
        var answers = new AtomicBoolean(true);
        var status = new Status();
        status.up("postgres");
        status.watch("postgres", answers::get);
        answers.set(false);
        for (int i = 0; i < 5; i++) {
            status.fault("journal", fault, true);
        }
        answers.set(true);
        status.lookOnce();
        status.fault("journal", fault, true);
        assertTrue(status.isUp("postgres"));
        status.fault("journal", fault, true);
        status.fault("journal", fault, true);
        assertFalse(status.isUp("postgres"));
        status.over("journal");
        assertTrue(status.isUp("postgres"));
    }
}
