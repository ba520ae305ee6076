package io.dockworker.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** What monitors ask: metrics, whether the process lives, whether it can work. */
final class OperationEndpoints {
    /** Prometheus 3 refuses a scrape whose type it does not know. */
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpParts parts;

    OperationEndpoints(HttpParts parts) {
        this.parts = parts;
    }

    void addTo(Routes routes) {
        routes.add("GET", "/metrics", _ -> Reply.text(PROMETHEUS_TEXT, parts.metrics().get()));
        routes.add("GET", "/health/live", _ -> Reply.json(200, Map.of("status", "live")));
        routes.add("GET", "/health/ready", _ -> ready());
    }

    private Reply ready() {
        Readiness readiness = parts.readiness().get();
        var json = new LinkedHashMap<String, Object>();
        json.put("status", readiness.ready() ? "ready" : "not_ready");
        json.put("dependencies", readiness.dependencies());
        json.put("gaps", readiness.gaps());
        return Reply.json(readiness.ready() ? 200 : 503, json);
    }
}
