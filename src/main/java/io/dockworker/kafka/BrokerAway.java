package io.dockworker.kafka;

/** No broker gives a usable answer; the message says what it said, if anything. */
public final class BrokerAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokerAway(String message) {
        super(message);
    }

    BrokerAway(Throwable cause) {
        super(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(), cause);
    }
}
