package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/** One connection to a stream of server-sent events. */
final class SentEvents implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedReader reader;

    /** A server-sent event. */
    record Sent(String id, String event, JsonNode data) {}

    SentEvents(HttpResponse<InputStream> response) {
        assertEquals(200, response.statusCode());
        assertEquals("text/event-stream", response.headers().firstValue("Content-Type").orElseThrow());
        reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** Reads on, up to the first one that is wanted. */
    void until(List<Sent> all, Predicate<Sent> wanted) throws IOException {
        String event = "";
        String data = "";
        while (true) {
            String line = reader.readLine();
            if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.startsWith("id: ") && !data.isEmpty()) {
                Sent sent = new Sent(line.substring(4), event, JSON.readTree(data));
                data = "";
                all.add(sent);
                if (wanted.test(sent)) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
