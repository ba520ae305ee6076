package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The verb {@code run} in a process of its own, to be killed and frozen. */
final class WorkerProcess implements AutoCloseable {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    final int httpPort;
    private final Process process;
    private final Path said;

    private WorkerProcess(int httpPort, Process process, Path said) {
        this.httpPort = httpPort;
        this.process = process;
        this.said = said;
    }

    /**
     * Returns when it is ready.
     *
     * @param directory of its own
     * @param settings  as flags
     * @param options   of the verb
     */
    static WorkerProcess start(Path directory, List<String> settings, String... options) throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> words = new ArrayList<>(List.of("run"));
        words.addAll(List.of(options));
        words.addAll(settings.stream().filter(flag -> !flag.startsWith("--http-port=")).toList());
        words.add("--http-port=" + port);
        Files.createDirectories(directory);
        Path said = directory.resolve("log");
        words.add("--log-file=" + said);
        Process process = MainProcess.start(directory, directory.resolve("err"),
                Map.of("DOCKWORKER_LAUNCHER", String.valueOf(ProcessHandle.current().pid())),
                words.toArray(String[]::new));
        // It logs there, too. On a virtual thread this would hold one of the few that carry all others.
        Thread.ofPlatform().daemon().start(() -> drain(process));
        var started = new WorkerProcess(port, process, said);
        Awaitility.await("a worker that is ready").atMost(Account.GIVEN_UP)
                .failFast(() -> assertTrue(process.isAlive(), started::said))
                .until(() -> URI.create("http://127.0.0.1:" + port
                        + "/health/ready").toURL().openStream().readAllBytes().length > 0);
        return started;
    }

    private static void drain(Process process) {
        try {
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // It was closed.
        }
    }

    /** What it has logged. */
    String said() {
        try {
            return Files.readString(said);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** How many bytes its heap holds when all that is garbage is gone. */
    long liveBytes() throws IOException, InterruptedException {
        Matcher total = TOTAL.matcher(TestImages.run(null, 0,
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), String.valueOf(process.pid()),
                "GC.class_histogram"));
        if (!total.find()) {
            throw new IOException("no histogram");
        }
        return Long.parseLong(total.group(1));
    }

    void freeze() throws IOException {
        Server.signal("-STOP", List.of(process.toHandle()));
    }

    void thaw() throws IOException {
        Server.signal("-CONT", List.of(process.toHandle()));
    }

    Process process() {
        return process;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(30))) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
