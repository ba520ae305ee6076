package io.dockworker.standalone;

import static java.util.stream.Collectors.toMap;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The data are the point: they outlive stops, ports and crashes, and are nobody else's. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ServicesIT {
    @TempDir
    Path temporary;

    @Test
    void dataSurviveAStopAndOtherPorts() throws Exception {
        Path directory = directory();
        int kafkaPort;
        try (Services services = start(directory)) {
            marks(services).prepare();
            marks(services).leave("first");
            kafkaPort = kafkaPort(services);
        }
        try (Services services = start(directory)) {
            assertNotEquals(kafkaPort, kafkaPort(services));
            marks(services).leave("second");
            assertHolds(marks(services), "first", "second");
        }
    }

    @Test
    void dataSurviveAKilledProcess() throws Exception {
        Path directory = directory();
        Process process = ServicesProcess.start(directory);
        Marks before = Marks.in(endpoints(directory));
        before.prepare();
        before.leave("first");
        process.destroyForcibly().waitFor();

        try (Services services = start(directory)) {
            marks(services).leave("second");
            assertHolds(marks(services), "first", "second");
        }
    }

    @Test
    void databaseEndsWithAKilledProcess() throws Exception {
        Path directory = directory();
        Process process = ServicesProcess.start(directory);
        ProcessHandle postgres = postgres(directory);
        process.destroyForcibly().waitFor();
        await().atMost(10, TimeUnit.SECONDS).until(() -> !serves(postgres, directory));
    }

    @Test
    void databaseThatWasLeftBehindAllTheSameIsEndedAtTheNextStart() throws Exception {
        Path directory = directory();
        Process process = ServicesProcess.start(directory);
        ProcessHandle postgres = postgres(directory);
        Marks.in(endpoints(directory)).prepare();
        try (Stream<ProcessHandle> children = process.children()) {
            children.filter(child -> !child.equals(postgres)).forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly().waitFor();
        assertTrue(serves(postgres, directory));

        try (Services services = start(directory)) {
            assertFalse(serves(postgres, directory));
            assertEquals(List.of(), marks(services).inPostgres());
        }
    }

    @Test
    void strangersProcessWithTheNumberOfAFormerServerIsLeftAlone() throws Exception {
        Path directory = directory();
        start(directory).close();
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(directory.resolve("postgres/data/postmaster.pid"), stranger.pid() + "\n");
            try (Services services = start(directory)) {
                assertEquals(List.of("1"), marks(services).query("select 1"));
            }
            assertTrue(stranger.isAlive());
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void directoryInUseIsRefusedAndItsServicesGoOn() throws Exception {
        Path directory = directory();
        Process process = ServicesProcess.start(directory);
        var refused = assertThrows(Services.DirectoryInUse.class, () -> start(directory));
        assertTrue(refused.getMessage().contains(directory.toString()), refused.getMessage());
        assertEquals(List.of("1"), Marks.in(endpoints(directory)).query("select 1"));

        process.getOutputStream().close();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        assertFalse(Files.exists(directory.resolve("endpoints.env")));
        try (Services _ = start(directory)) {
            assertThrows(Services.DirectoryInUse.class, () -> start(directory));
        }
    }

    @Test
    void placeThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.createFile(temporary.resolve("file"));
        var refused = assertThrows(Services.NotStarted.class, () -> start(file));
        assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    }

    @Test
    void takenPortIsSaidAndTheNextFreeOneUsed() throws Exception {
        List<String> notices = new ArrayList<>();
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            try (Services services = Services.start(directory(), port, port, notices::add)) {
                int kafka = kafkaPort(services);
                int postgres = URI.create(services.postgresUrl()).getPort();
                assertTrue(kafka > port && postgres > port && kafka != postgres);
                assertEquals(List.of("port " + port + " is taken: Kafka uses " + kafka,
                        "port " + port + " is taken: PostgreSQL uses " + postgres), notices);
            }
        }
    }

    @Test
    void endpointsAreWrittenWhenAnnouncedForTheOwnerAlone() throws Exception {
        Path directory = directory();
        try (Services services = start(directory)) {
            Path file = directory.resolve("endpoints.env");
            assertFalse(Files.exists(file));
            services.announce(Optional.empty());
            assertEquals(Map.of("KAFKA_BOOTSTRAP_SERVERS", services.bootstrapServers(), "POSTGRES_URL",
                    services.postgresUrl()), endpoints(directory));
            services.announce(Optional.of("http://127.0.0.1:8000"));
            assertEquals("http://127.0.0.1:8000", endpoints(directory).get("HTTP_URL"));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
    }

    @Test
    void commitsAreDurableAndOnlyThisMachineWithThePasswordConnects() throws Exception {
        try (Services services = start(directory())) {
            Marks marks = marks(services);
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                assertEquals(List.of("on"), marks.query("show " + setting), setting);
            }
            URI address = URI.create(services.postgresUrl());
            assertThrows(SQLException.class, () -> DriverManager.getConnection("jdbc:postgresql://127.0.0.1:"
                    + address.getPort() + address.getPath() + "?user=dockworker&password=guess"));
            for (int port : List.of(address.getPort(), kafkaPort(services))) {
                // All of 127.0.0.0/8 is this machine: a server on every address would answer here, too.
                assertThrows(IOException.class, () -> new Socket("127.0.0.2", port).close());
            }
        }
    }

    /** A space, since a home directory may have one. */
    private Path directory() {
        return temporary.resolve("some data");
    }

    private static Services start(Path directory) throws IOException, InterruptedException {
        return Services.start(directory, 0, 0, notice -> {});
    }

    private static Marks marks(Services services) {
        return new Marks(services.bootstrapServers(), services.postgresUrl());
    }

    private static void assertHolds(Marks marks, String... expected) throws SQLException {
        assertEquals(List.of(expected), marks.inKafka());
        assertEquals(List.of(expected), marks.inPostgres());
    }

    private static int kafkaPort(Services services) {
        return Integer.parseInt(services.bootstrapServers().split(":", 2)[1]);
    }

    private static ProcessHandle postgres(Path directory) throws IOException {
        try (Stream<String> lines = Files.lines(directory.resolve("postgres/data/postmaster.pid"))) {
            return ProcessHandle.of(Long.parseLong(lines.findFirst().orElseThrow())).orElseThrow();
        }
    }

    /** One that has ended may stay in the process table for a while. */
    private static boolean serves(ProcessHandle postgres, Path directory) throws IOException {
        return PostmasterPid.serves(postgres, directory.resolve("postgres/data"));
    }

    private static Map<String, String> endpoints(Path directory) throws IOException {
        try (Stream<String> lines = Files.lines(directory.resolve("endpoints.env"))) {
            return lines.map(line -> line.split("=", 2)).collect(toMap(pair -> pair[0], pair -> pair[1]));
        }
    }
}
