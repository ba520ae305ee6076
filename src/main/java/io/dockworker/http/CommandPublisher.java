package io.dockworker.http;

import io.dockworker.command.Command;

/** Sends a command the way every publisher does: to the commands topic, acknowledged by all replicas. */
public interface CommandPublisher {
    /**
     * Returns once the broker has acknowledged the command.
     *
     * @param key of its record; commands of one key keep their order
     * @throws PublishingFailed if it did not; the command may still have been stored
     */
    void publish(Command command, String key) throws PublishingFailed;

    /** The broker gave no acknowledgement. */
    final class PublishingFailed extends Exception {
        private static final long serialVersionUID = 1L;

        public PublishingFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
