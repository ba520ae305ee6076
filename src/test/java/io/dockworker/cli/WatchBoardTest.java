package io.dockworker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.command.PullProgress;
import io.dockworker.kafka.RawRecord;
import io.dockworker.kafka.TopicReader;
import io.dockworker.wire.EventEncoder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What somebody sees on a terminal while records come. */
final class WatchBoardTest {
    private static final HostId HOST = new HostId("host-a");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    private Instant now = Instant.parse("2026-01-31T12:00:00Z");
    private Terminal.Size size = new Terminal.Size(24, 120);
    private final WatchBoard board = new WatchBoard(out, () -> now, () -> size);

    @Test
    void theBoardShowsWhatTheLastRecordsSay() {
        board.begin();
        assertEquals("no containers yet: what commands make of them appears here", lines().getFirst());
        state("b1", "web", "running");
        state("a2", "zebra", "running");
        state("c3", "api", "created");
        take("health", "", """
                {"container_id":"b1","status":"warning","cpu_usage":81.26,"memory_usage":45.2}""");
        take("events", "b1", """
                {"type":"start","name":"web","cause":"command","command_id":"01J","attributes":{}}""");
        take("results", "web", """
                {"command_id":"01J","type":"create","status":"succeeded","changed":true,"error":null,
                 "containers":[{"name":"web","state":"running","ports":{}}]}""");
        assertEquals(List.of(
                "NAME    STATE     HEALTH    CPU      MEMORY   IMAGE          HOST     PORTS                   ID",
                "api     created   -         -        -        nginx:alpine   host-a   0.0.0.0:32768->80/tcp   c3",
                "web     running   warning   81.3 %   45.2 %   nginx:alpine   host-a   0.0.0.0:32768->80/tcp   b1",
                "zebra   running   -         -        -        nginx:alpine   host-a   0.0.0.0:32768->80/tcp   a2",
                "", "12:00:00Z  start  web  by command 01J", "12:00:00Z  create  succeeded  web running  01J"),
                lines());

        state("b1", "web", "exited");
        take("state", "c3", null);
        assertEquals(List.of("web", "exited"), List.of(lines().get(1).split(" +")).subList(0, 2));
        assertTrue(lines().get(2).startsWith("zebra "), lines()::toString);
        assertEquals("", lines().get(3));
    }

    @Test
    void itFitsWhateverSizeTheTerminalHas() {
        board.begin();
        for (int i = 100; i < 200; i++) {
            state("id" + i, "a-name-that-is-longer-than-its-column-" + i, "running");
            take("events", "id" + i, "{\"type\":\"start\",\"name\":\"n" + i + "\",\"cause\":\"self\"}");
        }
        for (Terminal.Size one : List.of(new Terminal.Size(24, 80), new Terminal.Size(10, 40),
                new Terminal.Size(60, 200))) {
            size = one;
            now = now.plusSeconds(3);
            List<String> lines = lines();
            assertTrue(lines.getFirst().startsWith("NAME  "), () -> one + ": " + lines);
            assertTrue(lines.get(1).startsWith("a-name-tha") && lines.get(1).contains("100   running"), lines.get(1));
            assertTrue(lines.getLast().endsWith("start  n199  by self"), () -> one + ": " + lines);
            assertEquals(one.rows() - 1, lines.size(), () -> one + ": " + lines);
            int more = lines.stream().filter(line -> line.matches("… and [0-9]+ more"))
                    .mapToInt(line -> Integer.parseInt(line.replaceAll("[^0-9]", ""))).sum();
            assertEquals(100, more + lines.stream().filter(line -> line.contains("  running")).count());
            assertEquals(one.columns() <= 80, lines.get(1).endsWith("…"), lines.get(1));
        }
    }

    @Test
    void aPullHasABarUntilNothingIsHeardOfIt() {
        board.begin();
        pull(new PullProgress(new ImageName("nginx"), 1, 4, 3 << 20, 12 << 20));
        assertTrue(lines().contains("host-a pulls nginx  [###---------]  25 %  3.0 of 12.0 MiB, 1 of 4 layers"),
                lines()::toString);
        pull(new PullProgress(new ImageName("nginx"), 2, 4, 0, 0));
        assertTrue(lines().contains("host-a pulls nginx  [######------]  50 %  2 of 4 layers"),
                lines()::toString);
        now = now.plus(Duration.ofSeconds(9));
        assertTrue(lines().toString().contains("pulls nginx"));
        now = now.plus(Duration.ofSeconds(2));
        assertFalse(lines().toString().contains("pulls nginx"));
    }

    @Test
    void theTerminalIsGivenBackAsItWas() {
        out.print("$ dockworker watch\r\n");
        board.begin();
        state("a", "web", "running");
        assertTrue(lines().getFirst().startsWith("NAME"), "the board stands alone");
        board.end();
        FakeTerminal terminal = terminal();
        assertTrue(terminal.isUsual());
        assertEquals(List.of("$ dockworker watch"), terminal.lines());
    }

    @Test
    void whatWasNotBegunLeavesTheTerminalAlone() {
        board.end();
        assertEquals(0, written.size());
    }

    private List<String> lines() {
        board.show();
        return terminal().lines();
    }

    /** Drawn on one of the last size: what came before was for another. */
    private FakeTerminal terminal() {
        return FakeTerminal.after(size.rows(), size.columns(), written.toString(StandardCharsets.UTF_8));
    }

    private void state(String id, String name, String state) {
        take("state", id, """
                {"id":"%s","name":"%s","image":"nginx:alpine","host":"host-a","state":"%s",
                 "ports":{"80/tcp":[{"host_ip":"0.0.0.0","host_port":32768}]}}""".formatted(id, name, state));
    }

    /** As a worker writes it. */
    private void pull(PullProgress progress) {
        take("events", progress.image().normal(),
                new String(new EventEncoder().encode(progress, HOST, now).value(), StandardCharsets.UTF_8));
    }

    private void take(String topic, String key, String value) {
        byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
        board.take(topic, new TopicReader.Read("dockworker." + topic, 0, now,
                new RawRecord(0, OptionalInt.empty(), key.getBytes(StandardCharsets.UTF_8), bytes, List.of())));
    }
}
