package io.dockworker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.cli.FakeTerminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A verb with somebody before it, on a real terminal. */
final class Seated implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path err;
    private final StringBuilder written = new StringBuilder();
    private final Thread reading;

    Seated(Path directory, Map<String, String> environment, String... arguments) throws IOException {
        err = Files.createTempFile(directory, "err", "");
        process = MainProcess.startOnTerminal(directory, err, environment, arguments);
        reading = Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            for (int one = out.read(); one >= 0; one = out.read()) {
                synchronized (written) {
                    written.append((char) one);
                }
            }
        } catch (IOException _) {
            // It was closed.
        }
    }

    FakeTerminal screen() {
        synchronized (written) {
            return FakeTerminal.after(MainProcess.ROWS, MainProcess.COLUMNS, written.toString());
        }
    }

    /** Waits for a line on the screen, part of which looks like this. */
    void until(String line) {
        Pattern looks = Pattern.compile(line);
        Awaitility.await().atMost(PATIENCE).failFast(() -> assertTrue(process.isAlive(), this::toString))
                .untilAsserted(
                        () -> assertTrue(screen().lines().stream().anyMatch(one -> looks.matcher(one).find()),
                                this::toString));
    }

    void type(char key) throws IOException {
        process.getOutputStream().write(key);
        process.getOutputStream().flush();
    }

    /** Waits for it. */
    int exitCode() throws InterruptedException {
        assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), this::toString);
        reading.join();
        return process.exitValue();
    }

    @Override
    public String toString() {
        try {
            return String.join("\n", screen().lines()) + "\n" + Files.readString(err);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
