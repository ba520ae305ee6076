package io.dockworker.cli;

import io.dockworker.HealthMonitor;
import io.dockworker.Worker;
import io.dockworker.settings.Settings;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sampling alone. */
@Command(name = "health-monitor", mixinStandardHelpOptions = true, header = "Samples the health of this host's managed containers, without a worker, until Ctrl-C.", description = {
        "Samples are judged, stored in PostgreSQL and published to the health topic, as a worker does it; nothing is "
                + "changed on the engine. Refused (78) while a worker or another health-monitor "
                + "samples this host; like a worker it needs LOCK_DIR."}, footerHeading = "%nExamples:%n", footer = {
                        "  KAFKA_BOOTSTRAP_SERVERS=kafka:9092 POSTGRES_URL=postgresql://user:password@db/dockworker \\",
                        "    ./dockworker health-monitor",
                        "  ./dockworker health-monitor --health-interval-seconds 10"})
final class HealthMonitorVerb implements Callable<Integer> {
    @Mixin
    private Client client;

    @Override
    public Integer call() throws Exception {
        Settings settings = client.settingsOfWorker();
        var ending = new Ending();
        try (HealthMonitor monitor = HealthMonitor.start(settings)) {
            var _ = monitor.ended().whenComplete((_, _) -> ending.ask());
            ending.await();
            if (monitor.ended().isCompletedExceptionally()) {
                monitor.ended().get();
            }
            return Exit.DONE.code;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Worker.Refused refused ? refused : e;
        } finally {
            ending.closed();
        }
    }
}
