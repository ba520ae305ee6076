package io.dockworker.docker;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Knows of one call whether any of it may have left this process. What was never sent can be sent again without harm,
 * so this is decided at the wire and not guessed from the kind of an exception.
 */
final class Attempt {
    /** The attempt that the current thread works for. */
    static final ScopedValue<Attempt> CURRENT = ScopedValue.newInstance();

    private enum State {
        PENDING, SENT, ABANDONED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.PENDING);

    /** To be called once connected, before the first byte. */
    void sending() throws IOException {
        if (state.compareAndExchange(State.PENDING, State.SENT) == State.ABANDONED) {
            throw new IOException("given up before it was sent");
        }
    }

    /**
     * Forbids to send what was not sent yet.
     *
     * @return true if nothing was sent, which then holds for good
     */
    boolean abandon() {
        return state.compareAndExchange(State.PENDING, State.ABANDONED) != State.SENT;
    }
}
