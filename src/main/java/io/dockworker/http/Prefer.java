package io.dockworker.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a client wants to wait for a result, by the header {@code Prefer: wait=10} of RFC 7240. */
final class Prefer {
    /** Beyond it the result is asked for again. */
    static final int MOST_SECONDS = 60;
    private static final Pattern WAIT = Pattern.compile("(?i)\\s*wait\\s*=\\s*\"?([0-9]{1,9})\"?\\s*(?:;.*)?");

    private Prefer() {}

    /** What cannot be understood is ignored, as the RFC wants; of several the first counts. */
    static Optional<Duration> waiting(Request request) {
        List<String> headers = request.exchange().getRequestHeaders().getOrDefault("Prefer", List.of());
        return headers.stream().flatMap(header -> Pattern.compile(",").splitAsStream(header)).map(WAIT::matcher)
                .filter(Matcher::matches).findFirst()
                .map(wait -> Duration.ofSeconds(Math.min(MOST_SECONDS, Long.parseLong(wait.group(1)))));
    }
}
