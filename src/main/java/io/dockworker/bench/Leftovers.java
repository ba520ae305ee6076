package io.dockworker.bench;

import io.dockworker.bench.audit.EngineSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The containers of a label, which are to be gone. */
record Leftovers(EngineSocket engine, String label) {
    /** An engine makes what a killed client has asked for, and shows it a while later. */
    private static final long LATER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int TURNS = 10;
    private static final int AT_A_TIME = 8;

    /**
     * Removes them, until twice in a row there is none.
     *
     * @throws IOException if the engine keeps some
     */
    void remove() throws IOException {
        int none = 0;
        for (int turn = 0; turn < TURNS && none < 2; turn++) {
            List<String> left = engine.ids(label);
            none = left.isEmpty() ? none + 1 : 0;
            remove(left);
            if (none < 2) {
                LockSupport.parkNanos(LATER_NANOS);
            }
        }
        if (none < 2) {
            throw new IOException(
                    "the engine does not remove the containers of " + label + ": docker ps -a --filter label="
                            + label);
        }
    }

    private void remove(List<String> containers) throws IOException {
        List<Future<?>> removals = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
            containers.forEach(id -> removals.add(threads.submit(
                    () -> engine.ask("DELETE", "/containers/" + id + "?force=1&v=1", null))));
        }
        for (Future<?> removal : removals) {
            if (removal.state() == Future.State.FAILED && removal.exceptionNow() instanceof IOException fault) {
                throw fault;
            }
        }
    }
}
