package io.dockworker.docker;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.execution.ContainerEngine.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Inspects many containers, some at a time. */
final class Relist {
    private static final int AT_A_TIME = 16;

    private Relist() {}

    /** All that are still there, or why the engine could not say. */
    static Listing inspectAll(List<String> ids, Function<String, Inspection> inspect) {
        var away = new AtomicReference<Listing.Away>();
        List<Callable<Inspection>> questions = new ArrayList<>();
        for (String id : ids) {
            // Once the engine is away it is asked no more: a silent one would cost a deadline for every few containers.
            questions.add(() -> away.get() != null ? new Inspection.Absent() : inspect.apply(id));
        }
        var seen = new ArrayList<ContainerSnapshot>();
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory());
        try {
            var answers = new ArrayList<Future<Inspection>>();
            for (Callable<Inspection> question : questions) {
                answers.add(threads.submit(question));
            }
            for (Future<Inspection> answer : answers) {
                switch (answer.get()) {
                    case Inspection.Seen container -> seen.add(container.container());
                    case Inspection.Absent _ -> {
                        // Removed since it was listed.
                    }
                    case Inspection.Away gone -> away.compareAndSet(null, new Listing.Away(gone.reason()));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Listing.Away("interrupted");
        } catch (ExecutionException e) {
            return new Listing.Away("cannot read what the engine said: " + e.getCause());
        } finally {
            threads.shutdownNow();
        }
        return away.get() != null ? away.get() : new Listing.Containers(seen);
    }
}
