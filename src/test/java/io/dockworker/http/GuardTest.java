package io.dockworker.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuardTest {
    private static final String READ = "/containers/nginx/instances";
    private static final String CHANGE = "/containers/nginx/start";
    private static final String LOCAL = "Host: localhost";

    private final FakeFleet fleet = new FakeFleet();

    @Test
    void onThisMachineOnlyItsOwnNamesAreAnsweredTo() throws Exception {
        try (HttpInterface http = listening("127.0.0.1", null)) {
            int port = http.port();
            for (String host : List.of("localhost", "LOCALHOST", "127.0.0.1", "[::1]", "localhost:" + port,
                    "127.0.0.1:" + port, "[::1]:" + port)) {
                assertEquals(200, RawRequest.status(port, "GET", READ, "Host: " + host), host);
            }
            // A stranger's name that resolves to 127.0.0.1: the page behind it must not read even the metrics.
            for (String host : List.of("rebound.example", "rebound.example:" + port, "localhost.rebound.example",
                    "127.0.0.1.rebound.example", "")) {
                for (String path : List.of(READ, "/metrics", "/health/ready", "/nothing")) {
                    assertEquals(403, RawRequest.status(port, "GET", path, "Host: " + host), host + path);
                }
            }
        }
    }

    @Test
    void aChangeIsNotTakenFromAPageOfAnotherOrigin() throws Exception {
        try (HttpInterface http = listening("127.0.0.1", null)) {
            String host = "localhost:" + http.port();
            for (String origin : List.of("http://evil.example", "http://localhost:1", "http://localhost", "null",
                    "http://" + host + ".evil.example")) {
                assertEquals(403, RawRequest.status(http.port(), "POST", CHANGE, "Host: " + host, "Origin: " + origin),
                        origin);
            }
            assertTrue(fleet.published.isEmpty());
            assertEquals(202,
                    RawRequest.status(http.port(), "POST", CHANGE, "Host: " + host, "Origin: http://" + host));
            assertEquals(200,
                    RawRequest.status(http.port(), "GET", READ, "Host: " + host, "Origin: http://evil.example"));
        }
    }

    @Test
    void withATokenEverythingButMetricsAndHealthNeedsIt() throws Exception {
        try (HttpInterface http = listening("127.0.0.1", "t0ken")) {
            int port = http.port();
            assertEquals(200, RawRequest.status(port, "GET", READ, LOCAL, "Authorization: Bearer t0ken"));
            assertEquals(202, RawRequest.status(port, "POST", CHANGE, LOCAL, "authorization: bearer t0ken"));
            for (String wrong : List.of("Bearer", "Bearer ", "Bearer t0ke", "Bearer t0kenx", "Basic t0ken", "t0ken")) {
                assertEquals(401, RawRequest.status(port, "GET", READ, LOCAL, "Authorization: " + wrong), wrong);
            }
            assertEquals(401, RawRequest.status(port, "GET", "/nothing", LOCAL));
            assertTrue(RawRequest.exchange(port, "GET", READ, LOCAL).contains("Bearer"));
            for (String free : List.of("/metrics", "/health/live", "/health/ready")) {
                assertEquals(200, RawRequest.status(port, "GET", free, LOCAL), free);
            }
        }
    }

    @Test
    void beyondThisMachineNothingIsOpenWithoutAToken() throws Exception {
        try (HttpInterface http = listening("0.0.0.0", null)) {
            String answer = RawRequest.exchange(http.port(), "GET", READ, LOCAL);
            assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
            assertTrue(answer.contains("Set HTTP_TOKEN") && answer.contains("127.0.0.1"), answer);
            assertEquals(401, RawRequest.status(http.port(), "POST", CHANGE, LOCAL, "Authorization: Bearer "));
            // Prometheus and probes come by names that only the network knows.
            assertEquals(200, RawRequest.status(http.port(), "GET", "/metrics", "Host: worker-1:8000"));
        }
        assertTrue(fleet.published.isEmpty());
    }

    @Test
    void beyondThisMachineNamesThatAStrangerCanHaveResolvedAreNotAnsweredTo() throws Exception {
        String token = "Authorization: Bearer t0ken";
        try (HttpInterface http = listening("0.0.0.0", "t0ken")) {
            int port = http.port();
            for (String host : List.of("worker-1:8000", "box", "localhost:" + port, "192.0.2.7:8000", "[2001:db8::7]",
                    "0.0.0.0")) {
                assertEquals(200, RawRequest.status(port, "GET", READ, "Host: " + host, token), host);
            }
            for (String host : List.of("rebound.example", "rebound.example:" + port, "127.0.0.1.rebound.example", "")) {
                assertEquals(403, RawRequest.status(port, "GET", READ, "Host: " + host, token), host);
                assertEquals(403, RawRequest.status(port, "POST", CHANGE, "Host: " + host, token), host);
                assertEquals(200, RawRequest.status(port, "GET", "/metrics", "Host: " + host), host);
                assertEquals(200, RawRequest.status(port, "GET", "/health/ready", "Host: " + host), host);
            }
        }
        assertTrue(fleet.published.isEmpty());
    }

    private HttpInterface listening(String host, String token) throws IOException {
        return HttpInterface.start(new Listening(host, 0, false, Optional.ofNullable(token)), fleet.parts());
    }
}
