package io.dockworker.http;

import com.sun.net.httpserver.HttpExchange;
import io.dockworker.wire.Spelling;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;

/**
 * A request whose path has been recognised.
 *
 * @param query its parameters, in order
 */
record Request(HttpExchange exchange, Matcher path, Map<String, String> query) {
    /** The same bound as for a command's record. */
    static final int MAX_BODY_BYTES = 256 * 1024;

    /** @param known the names that the query may have */
    static Request of(HttpExchange exchange, Matcher path, Set<String> known) throws Refused {
        return new Request(exchange, path, query(exchange.getRequestURI().getRawQuery(), known));
    }

    private static Map<String, String> query(String raw, Set<String> known) throws Refused {
        var query = new LinkedHashMap<String, String>();
        for (String pair : raw == null || raw.isEmpty() ? List.<String>of() : List.of(raw.split("&", -1))) {
            String[] parts = pair.split("=", 2);
            String name = decoded(parts[0]);
            if (!known.contains(name)) {
                throw Refused.parameter(name, "there is no parameter `" + name + "` here"
                        + Spelling.guess(name, known.stream()));
            }
            if (query.put(name, parts.length < 2 ? "" : decoded(parts[1])) != null) {
                throw Refused.parameter(name, "`" + name + "` stands twice in the query");
            }
        }
        return query;
    }

    private static String decoded(String text) throws Refused {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new Refused(Reply.problem(400, "The query is not percent-encoded as it should be: " + text));
        }
    }

    /** A part of the path, decoded. */
    String part(String name) {
        return path.group(name);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name));
    }

    boolean flag(String name) throws Refused {
        return switch (query.getOrDefault(name, "false")) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default -> throw Refused.parameter(name, "write true or false");
        };
    }

    Optional<Instant> time(String name) throws Refused {
        try {
            // A plus sign that was not encoded has become a space.
            return parameter(name).map(text -> Rfc3339.parse(text.replace(' ', '+')));
        } catch (DateTimeException _) {
            throw Refused.parameter(name,
                    "write a time as RFC 3339 does, of the years 0001 to 9999, as in 2026-01-31T12:00:00Z");
        }
    }

    /** Reads the body, whatever its length and type were said to be. */
    byte[] body() throws IOException, Refused {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new Refused(Reply.problem(413, "A body has at most " + MAX_BODY_BYTES + " bytes."));
        }
        return body;
    }
}
