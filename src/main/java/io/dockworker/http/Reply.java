package io.dockworker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What goes back to the client. Errors are problem details, RFC 9457. Replies are never compared. */
@SuppressWarnings("ArrayRecordComponent")
record Reply(int status, byte[] body, Map<String, String> headers) {
    private static final String CONTENT_TYPE = "Content-Type";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<Integer, String> TITLES = Map.of(400, "Bad Request", 401, "Unauthorized", 403, "Forbidden",
            404, "Not Found", 405, "Method Not Allowed", 413, "Content Too Large", 500, "Internal Server Error", 503,
            "Service Unavailable");

    static Reply json(int status, Object value) {
        return json(status, bytes(value));
    }

    static Reply json(int status, byte[] encoded) {
        return new Reply(status, encoded, Map.of(CONTENT_TYPE, "application/json"));
    }

    static Reply text(String contentType, String text) {
        return new Reply(200, text.getBytes(StandardCharsets.UTF_8), Map.of(CONTENT_TYPE, contentType));
    }

    static Reply problem(int status, String detail) {
        return problem(status, detail, Optional.empty(), Optional.empty());
    }

    static Reply problem(int status, Failure failure) {
        return problem(status, failure.message(), Optional.of(failure.code()), failure.field());
    }

    private static Reply problem(int status, String detail, Optional<ErrorCode> code, Optional<String> field) {
        var problem = new LinkedHashMap<String, Object>();
        // RFC 9457, 4.2.1: without a type of its own a problem means no more than its status; `code` says the rest.
        problem.put("type", "about:blank");
        problem.put("title", TITLES.get(status));
        problem.put("status", status);
        problem.put("detail", detail);
        code.ifPresent(known -> problem.put("code", known.name()));
        field.ifPresent(pointer -> problem.put("field", pointer));
        return new Reply(status, bytes(problem), Map.of(CONTENT_TYPE, "application/problem+json"));
    }

    Reply with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Reply(status, body, more);
    }

    private static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, text and numbers can always be written", e);
        }
    }
}
