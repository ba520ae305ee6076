package io.dockworker.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What monitors ask: metrics, whether the process lives, whether it can work; and what this interface is. */
final class OperationEndpoints {
    /** Prometheus 3 refuses a scrape whose type it does not know. */
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpParts parts;

    OperationEndpoints(HttpParts parts) {
        this.parts = parts;
    }

    void addTo(Routes routes) {
        routes.add("GET", "/metrics", Set.of(), _ -> Reply.text(PROMETHEUS_TEXT, parts.metrics().get()));
        routes.add("GET", "/health/live", Set.of(), _ -> Reply.json(200, Map.of("status", "live")));
        routes.add("GET", "/health/ready", Set.of(), _ -> ready());
        routes.add("GET", "/openapi.yaml", Set.of(), _ -> file("openapi.yaml").orElseThrow());
        routes.add("GET", "/topics/{file}", Set.of(), request -> file("topics/" + request.part("file"))
                .orElseGet(() -> Reply.problem(404, "There is no such description of a topic.")));
    }

    /** What describes this interface, and the messages that it shows. */
    private static Optional<Reply> file(String name) throws IOException {
        if (!name.matches("[a-z./]+\\.yaml") || name.contains("..")) {
            return Optional.empty();
        }
        try (InputStream in = OperationEndpoints.class.getResourceAsStream("/" + name)) {
            return in == null
                    ? Optional.empty()
                    : Optional
                            .of(Reply.text("application/yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    private Reply ready() {
        Readiness readiness = parts.readiness().get();
        var json = new LinkedHashMap<String, Object>();
        json.put("status", readiness.state().toString());
        json.put("dependencies", readiness.dependencies());
        json.put("gaps", readiness.gaps());
        return Reply.json(readiness.ready() ? 200 : 503, json);
    }
}
