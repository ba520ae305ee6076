package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** A worker in a process of its own, as {@code dockworker run} starts it: one that dies is seen to die. */
@SuppressWarnings("try")
final class KillableWorker implements AutoCloseable {
    private static final Pattern READY = Pattern.compile(" is ready: .* http port (\\d+)");

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int SHOWN = 100;

    private final Path log;
    private final Path err;
    private final Process process;
    private final int port;

    /** Waits until it is ready. */
    KillableWorker(Path directory, Map<String, String> environment, List<String> flags) throws IOException {
        log = Files.createTempFile(directory, "worker", ".log");
        err = Files.createTempFile(directory, "worker", ".err");
        List<String> arguments = new ArrayList<>(List.of("run"));
        arguments.addAll(flags);
        process = MainProcess.start(directory, err, environment,
                arguments.toArray(String[]::new));
        Thread.ofVirtual().start(() -> {
            try (OutputStream file = Files.newOutputStream(log)) {
                process.getInputStream().transferTo(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await("a worker that is ready", () -> ready().find());
        Matcher ready = ready();
        assertTrue(ready.find());
        port = Integer.parseInt(ready.group(1));
    }

    private Matcher ready() throws IOException {
        return READY.matcher(Files.readString(log));
    }

    /** Waits as long as it lives, and patiently; if in vain, its own words say more. */
    void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what).atMost(PATIENCE)
                    .failFast(() -> assertTrue(process.isAlive(), "the worker died")).until(condition);
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            throw new AssertionError(e.getMessage() + "\n" + this, e);
        }
    }

    int httpPort() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** All that it has logged. */
    List<String> lines() {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What its heap holds that is not garbage, in bytes. */
    double liveHeap() throws Exception {
        TestImages.run(null, 0, Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()), "GC.run");
        return new Scrapes(port).look().entrySet().stream()
                .filter(one -> one.getKey().startsWith("jvm_memory_used_bytes{area=\"heap\""))
                .mapToDouble(Map.Entry::getValue).sum();
    }

    @Override
    public String toString() {
        try {
            List<String> lines = lines();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN), lines.size()))
                    + Files.readString(err);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** As by kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
