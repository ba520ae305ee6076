package io.dockworker.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as people type and read them. */
final class Times {
    private Times() {}

    /** To the second, in UTC; an empty text stays one. */
    static String shown(String instant) {
        try {
            return instant.isEmpty() ? "" : shown(Instant.parse(instant));
        } catch (DateTimeException _) {
            return Table.oneLine(instant);
        }
    }

    /** The time of day alone, for what has just happened. */
    static String ofDay(Instant at) {
        return shown(at).substring("2026-01-31T".length());
    }

    static String shown(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * A moment, or how long ago it was.
     *
     * @throws Exit.Because if the text is neither
     */
    static Instant past(String option, String text, Instant now) {
        try {
            if (text.matches("([0-9]+[dhms])+")) {
                int days = text.indexOf('d');
                String rest = text.substring(days + 1).toUpperCase(java.util.Locale.ROOT);
                Duration ago = Duration
                        .parse("P" + (days < 0 ? "" : text.substring(0, days) + "D")
                                + (rest.isEmpty() ? "" : "T" + rest));
                return now.minus(ago);
            }
            return Instant.parse(text);
        } catch (DateTimeException | ArithmeticException _) {
            throw new Exit.Because(Exit.USAGE, option
                    + " is how long ago, as 90s, 1h30m or 2d, or a time as 2026-01-31T12:00:00Z, not \"" + text + "\"");
        }
    }
}
