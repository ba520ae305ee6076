package io.dockworker.bench.audit;

import java.util.Locale;

/**
 * Something that must not be.
 *
 * @param subject the id of a command or a container, or a key
 */
record Finding(Kind kind, String subject, String text) {
    /** What was broken. */
    enum Kind {
        /** Acknowledged, and without a result. */
        LOST,
        /** More than one result of a command. */
        DUPLICATE_RESULT,
        /** A result of what nobody sent. */
        RESULT_OF_NOTHING,
        /** Two containers of one create. */
        DOUBLED_CONTAINER,
        /** Started more often than the results say. */
        DOUBLED_START,
        /** A signal was sent more often than the results allow. */
        DOUBLED_SIGNAL,
        /** The result says that it was done, and nothing was. */
        NOT_DONE,
        /** The commands of a container ended, or were executed, in another order than they came. */
        ORDER,
        /** The engine is not as the results say. */
        STATE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
