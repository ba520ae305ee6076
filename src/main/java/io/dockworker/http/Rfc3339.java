package io.dockworker.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Times as clients write them. */
final class Rfc3339 {
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant BEYOND = Instant.parse("+10000-01-01T00:00:00Z");

    private Rfc3339() {}

    /**
     * RFC 3339 knows years of four digits; Java reads longer ones, which the database cannot store.
     *
     * @throws DateTimeException if it is no time, or not of the years 0001 to 9999
     */
    static Instant parse(String text) {
        Instant moment = OffsetDateTime.parse(text).toInstant();
        if (moment.isBefore(FIRST) || !moment.isBefore(BEYOND)) {
            throw new DateTimeException("not of the years 0001 to 9999");
        }
        return moment;
    }
}
