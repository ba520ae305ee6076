package io.dockworker.cli;

import io.dockworker.Worker;

/** Waits for a worker's end, from within or without. */
final class WorkerWait {
    private WorkerWait() {}

    static int until(Worker worker, Ending ending) throws InterruptedException {
        var _ = worker.ended().whenComplete((_, _) -> ending.ask());
        ending.await();
        return worker.ended().isCompletedExceptionally() ? Exit.FAULT.code : Exit.DONE.code;
    }
}
