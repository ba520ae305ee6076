package io.dockworker.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;

/** A request whose path has been recognised. */
record Request(HttpExchange exchange, Matcher path) {
    /** The same bound as for a command's record. */
    static final int MAX_BODY_BYTES = 256 * 1024;

    /** A part of the path, decoded. */
    String part(String name) {
        return path.group(name);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /** Reads the body, whatever its length was said to be; empty where it is longer than {@link #MAX_BODY_BYTES}. */
    Optional<byte[]> body() throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        return body.length > MAX_BODY_BYTES ? Optional.empty() : Optional.of(body);
    }
}
