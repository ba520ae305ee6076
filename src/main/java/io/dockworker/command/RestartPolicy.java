package io.dockworker.command;

/**
 * When the engine itself starts a container again.
 *
 * @param maximumRetryCount 0: no bound; of {@code on-failure} alone
 */
public record RestartPolicy(Name name, int maximumRetryCount) {
    /** Docker's words. */
    public enum Name {
        NO("no"), ALWAYS("always"), UNLESS_STOPPED("unless-stopped"), ON_FAILURE("on-failure");

        private final String word;

        Name(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    public RestartPolicy {
        if (maximumRetryCount < 0 || (maximumRetryCount > 0 && name != Name.ON_FAILURE)) {
            throw new InvalidValue("maximum_retry_count is a number from 1, and goes with on-failure alone");
        }
    }
}
