package io.dockworker;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** A real server that can be made to go away, as processes go away. */
public interface Server extends AutoCloseable {
    /** Returns when it answers. */
    void start() throws IOException;

    /** All of them, the one that starts the others first. */
    List<ProcessHandle> processes() throws IOException;

    /** As by kill -9. */
    default void kill() throws IOException {
        for (ProcessHandle process : processes()) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    /** It holds all it has, and does nothing. */
    default void freeze() throws IOException {
        signal("-STOP", processes().subList(0, 1));
        // What it had begun until then.
        signal("-STOP", processes());
    }

    default void thaw() throws IOException {
        signal("-CONT", processes());
    }

    static void signal(String name, List<ProcessHandle> processes) throws IOException {
        try {
            TestImages.run(null, 0, Stream.concat(Stream.of("kill", name), processes.stream().map(ProcessHandle::pid)
                    .map(String::valueOf)).toArray(String[]::new));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    void close() throws IOException;
}
