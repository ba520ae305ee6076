package io.dockworker.standalone;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What PostgreSQL's {@code postmaster.pid} says of the server on a data directory (lines as in PostgreSQL's
 * {@code src/include/utils/pidfile.h}).
 */
record PostmasterPid(long pid, boolean ready) {
    private static final Logger LOG = LoggerFactory.getLogger(PostmasterPid.class);
    private static final int STATUS_LINE = 7;
    /** For each way of stopping. */
    private static final Duration ORPHAN_PATIENCE = Duration.ofSeconds(5);

    /** How a server is told to stop, the gentler way first. */
    enum Shutdown {
        /** Clients are cut off, all is written. */
        FAST("-INT"),
        /** As if it had crashed; the next start recovers from the log. */
        IMMEDIATE("-QUIT");

        private final String signal;

        Shutdown(String signal) {
            this.signal = signal;
        }
    }

    static Optional<PostmasterPid> read(Path data) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        if (lines.isEmpty() || !lines.getFirst().strip().matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        return Optional.of(new PostmasterPid(Long.parseLong(lines.getFirst().strip()),
                lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready")));
    }

    /**
     * Ends the server that a killed process left on these data. The caller holds the directory's lock, so that no
     * server on it can be anybody else's.
     *
     * @throws IOException if it does not end
     */
    static void endOrphan(Path data) throws IOException, InterruptedException {
        Optional<PostmasterPid> left = read(data);
        Optional<ProcessHandle> process = left.flatMap(file -> ProcessHandle.of(file.pid()));
        if (process.isEmpty()) {
            return;
        }
        if (!serves(process.get(), data)) {
            // The number was given to another process since, and PostgreSQL would take that one for a server.
            Files.deleteIfExists(data.resolve("postmaster.pid"));
            return;
        }
        LOG.info("ending the PostgreSQL server (process {}) that was left on {}", process.get().pid(), data);
        for (Shutdown how : Shutdown.values()) {
            signal(process.get(), how);
            if (hasLeft(process.get(), data)) {
                return;
            }
        }
        throw new IOException("a PostgreSQL server (process " + process.get().pid() + ") still runs on " + data
                + " and does not end: stop it first");
    }

    /** Looks often: Java would notice the end of a process that is not our child only after seconds. */
    private static boolean hasLeft(ProcessHandle process, Path data) throws IOException, InterruptedException {
        long end = System.nanoTime() + ORPHAN_PATIENCE.toNanos();
        while (serves(process, data)) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(Duration.ofMillis(10));
        }
        return true;
    }

    /** A server's working directory is its data directory. */
    static boolean serves(ProcessHandle process, Path data) throws IOException {
        try {
            Path works = Path.of("/proc", String.valueOf(process.pid()), "cwd").toRealPath();
            return works.equals(data.toRealPath());
        } catch (NoSuchFileException | AccessDeniedException _) {
            // Ended meanwhile, or another user's.
            return false;
        }
    }

    static void signal(ProcessHandle process, Shutdown how) throws IOException, InterruptedException {
        // Java can send neither of these signals itself; the shell's own kill is on every machine.
        new ProcessBuilder("sh", "-c", "kill \"$0\" \"$1\" 2>/dev/null", how.signal, String.valueOf(process.pid()))
                .start().waitFor();
    }
}
