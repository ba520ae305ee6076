package io.dockworker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dockworker.command.Failure;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What goes back to the client. Errors are problem details, RFC 9457. Replies are never compared. */
record Reply(int status, Body body, Map<String, String> headers) {
    /** What follows the headers. */
    @SuppressWarnings("ArrayRecordComponent")
    sealed interface Body {
        record Whole(byte[] bytes) implements Body {}

        /**
         * Written bit by bit, until there is no more or the client goes.
         *
         * @param source closed in any case
         */
        record Stream(Writer writer, Closeable source) implements Body {}
    }

    /** Writes a stream. */
    interface Writer {
        void writeTo(ClientOutput out) throws IOException, InterruptedException;
    }

    private static final String CONTENT_TYPE = "Content-Type";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<Integer, String> TITLES = Map.of(400, "Bad Request", 401, "Unauthorized", 403, "Forbidden",
            404, "Not Found", 405, "Method Not Allowed", 409, "Conflict", 413, "Content Too Large", 422,
            "Unprocessable Content", 500, "Internal Server Error", 503, "Service Unavailable");

    static Reply json(int status, Object value) {
        return json(status, encoded(value));
    }

    static Reply json(int status, String encoded) {
        return line(status, "application/json", encoded);
    }

    /** Ended, so that the prompt of whoever asked by hand stands on a line of its own. */
    private static Reply line(int status, String contentType, String text) {
        return text(status, contentType, text + "\n");
    }

    static Reply text(String contentType, String text) {
        return text(200, contentType, text);
    }

    private static Reply text(int status, String contentType, String text) {
        return new Reply(status, new Body.Whole(text.getBytes(StandardCharsets.UTF_8)),
                Map.of(CONTENT_TYPE, contentType));
    }

    static Reply stream(String contentType, Writer writer, Closeable source) {
        return new Reply(200, new Body.Stream(writer, source), Map.of(CONTENT_TYPE, contentType));
    }

    static Reply problem(int status, String detail) {
        return problem(status, detail, Optional.empty(), Optional.empty());
    }

    static Reply problem(int status, Failure failure) {
        return problem(status, failure.message(), Optional.of(failure.code().name()), failure.field());
    }

    /** @param field a JSON Pointer into the body, or to a parameter of the query that bears its name */
    static Reply problem(int status, String detail, Optional<String> code, Optional<String> field) {
        var problem = new LinkedHashMap<String, Object>();
        // RFC 9457, 4.2.1: without a type of its own a problem means no more than its status; `code` says the rest.
        problem.put("type", "about:blank");
        problem.put("title", TITLES.get(status));
        problem.put("status", status);
        problem.put("detail", detail);
        code.ifPresent(known -> problem.put("code", known));
        field.ifPresent(pointer -> problem.put("field", pointer));
        return line(status, "application/problem+json", encoded(problem));
    }

    static Reply away(String detail) {
        return problem(503, detail).with("Retry-After", "5");
    }

    Reply with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Reply(status, body, more);
    }

    private static String encoded(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, text and numbers can always be written", e);
        }
    }
}
