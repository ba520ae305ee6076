package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.execution.Checkpoint;
import io.dockworker.settings.Settings;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A worker against services that are there already. */
@Command(name = "run", mixinStandardHelpOptions = true, description = "Runs a worker against your Kafka, PostgreSQL and Docker, until Ctrl-C. Settings come from the "
        + "environment (KAFKA_BOOTSTRAP_SERVERS, POSTGRES_URL, …) or as flags (--kafka-bootstrap-servers …).", footerHeading = "%nExamples:%n", footer = {
                "  KAFKA_BOOTSTRAP_SERVERS=kafka:9092 POSTGRES_URL=postgresql://user:password@db/dockworker ./dockworker run",
                "  ./dockworker run --http-port 8765 --log-level debug"})
final class RunVerb implements Callable<Integer> {
    @Mixin
    private SettingFlags flags;
    @Option(names = "--take-over", description = "Take an engine over TCP from a worker that did not say that it ends. "
            + "You make sure that it is gone: such an engine cannot be locked.")
    private boolean takeOver;

    @Override
    public Integer call() throws Exception {
        Settings settings = flags.read(Map.of());
        var ending = new Ending();
        try (Worker worker = Worker.start(settings, new Worker.How(false, takeOver), Checkpoint.NONE)) {
            return WorkerWait.until(worker, ending);
        } finally {
            ending.closed();
        }
    }
}
