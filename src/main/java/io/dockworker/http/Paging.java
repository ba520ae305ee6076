package io.dockworker.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A page of a list. Its cursor says where the page before has ended in the list's order, not at which number, so that
 * what is added meanwhile neither repeats nor hides anything.
 *
 * @param limit how many the page has at most
 * @param after what the cursor holds: the place of the last one before; empty on the first page
 */
record Paging(Request request, int limit, List<String> after) {
    static final int USUAL = 100;
    static final int MOST = 1_000;
    static final String LIMIT = "limit";
    static final String CURSOR = "cursor";
    static final Set<String> PARAMETERS = Set.of(LIMIT, CURSOR);

    /** How a place is written into a cursor, and read from it. */
    interface Reading<P> {
        P read(List<String> parts);
    }

    static Paging of(Request request, int usual) throws Refused {
        String limit = request.parameter(LIMIT).orElse(Integer.toString(usual));
        if (!limit.matches("[0-9]{1,6}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > MOST) {
            throw Refused.parameter(LIMIT, "write a whole number from 1 to " + MOST);
        }
        return new Paging(request, Integer.parseInt(limit), cursor(request));
    }

    private static List<String> cursor(Request request) throws Refused {
        Optional<String> cursor = request.parameter(CURSOR);
        if (cursor.isEmpty()) {
            return List.of();
        }
        String place;
        try {
            place = new String(Base64.getUrlDecoder().decode(cursor.get()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw noCursor();
        }
        // PostgreSQL has no text with it.
        if (place.indexOf('\0') >= 0) {
            throw noCursor();
        }
        return List.of(place.split("\n", -1));
    }

    private static Refused noCursor() {
        return Refused.parameter(CURSOR, "follow the header Link of the page before; this is no cursor of this list");
    }

    /** Where the page begins; empty: at the beginning of the list. */
    <P> Optional<P> place(int parts, Reading<P> reading) throws Refused {
        if (after.isEmpty()) {
            return Optional.empty();
        }
        if (after.size() != parts) {
            throw noCursor();
        }
        try {
            return Optional.of(reading.read(after));
        } catch (DateTimeException _) {
            throw noCursor();
        }
    }

    /** How many to read: one more, which tells whether there is a next page. */
    int reading() {
        return limit + 1;
    }

    /**
     * @param read  as many as {@link #reading} says, or the rest
     * @param json  writes one of them
     * @param place says where one stands, in the parts that {@link #place} gets back
     */
    <T> Reply reply(List<T> read, Function<T, String> json, Function<T, List<String>> place) {
        List<T> page = read.subList(0, Math.min(limit, read.size()));
        Reply reply = Reply.json(200, page.stream().map(json).collect(Collectors.joining(",", "[", "]")));
        return read.size() <= limit
                ? reply
                : reply.with("Link", "<" + next(place.apply(page.getLast()))
                        + ">; rel=\"next\"");
    }

    private String next(List<String> place) {
        Map<String, String> query = new LinkedHashMap<>(request.query());
        query.put(CURSOR, Base64.getUrlEncoder().withoutPadding()
                .encodeToString(String.join("\n", place).getBytes(StandardCharsets.UTF_8)));
        return request.exchange().getRequestURI().getRawPath() + "?" + query.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
