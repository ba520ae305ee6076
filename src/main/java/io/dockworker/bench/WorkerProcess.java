package io.dockworker.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own, which can be killed like any other. */
final class WorkerProcess {
    /** On a machine that has much else to do. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final int END_SECONDS = 15;
    private static final Set<String> SURROUNDINGS = Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR",
            "JDK_JAVA_OPTIONS");

    private final Process process;
    private final Path log;
    private final long startedAt = System.nanoTime();

    private WorkerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a class of this program with the same class path.
     *
     * @param environment what others must not read in the list of processes; of this process's own it gets no setting
     * @param log         for all that it writes, a line of which says that it is ready
     */
    static WorkerProcess start(String main, List<String> arguments, Map<String, String> environment, Path log)
            throws IOException {
        var builder = new ProcessBuilder(java(main, "256m", arguments)).redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().retainAll(SURROUNDINGS);
        builder.environment().putAll(environment);
        // It ends with this process, however this one ends.
        builder.environment().put("DOCKWORKER_LAUNCHER", String.valueOf(ProcessHandle.current().pid()));
        return new WorkerProcess(builder.start(), log);
    }

    /** The command line of a Java program with the class path of this one. */
    static List<String> java(String main, String heap, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx" + heap,
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return command;
    }

    void awaitReady() throws IOException, InterruptedException {
        while (!said().contains("is ready")) {
            if (age().compareTo(PATIENCE) > 0) {
                throw new Campaign.WorkerFailed(
                        "a worker was not ready within " + PATIENCE.toSeconds() + " s" + lastWords());
            }
            check();
            Thread.sleep(LOOK);
        }
    }

    /** @throws Campaign.WorkerFailed if it has ended by itself */
    void check() throws IOException {
        if (!process.isAlive()) {
            throw new Campaign.WorkerFailed("a worker ended by itself, with " + process.exitValue() + lastWords());
        }
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    /** As by {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As by SIGTERM. */
    void end() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            kill();
        }
    }

    private String said() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    private String lastWords() throws IOException {
        List<String> lines = said().lines().toList();
        return Optional.of(String.join("\n  ", lines.subList(Math.max(0, lines.size() - 8), lines.size())))
                .filter(words -> !words.isEmpty()).map(words -> "; it said:\n  " + words).orElse("");
    }
}
