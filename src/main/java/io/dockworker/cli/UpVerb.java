package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.execution.Checkpoint;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import io.dockworker.standalone.Services;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Services and a worker. */
@Command(name = "up", mixinStandardHelpOptions = true, description = "Runs Kafka, PostgreSQL and a worker on this machine, until Ctrl-C. The data stays.", footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker up", "  ./dockworker up --data /srv/dockworker --http-port 9000"})
final class UpVerb implements Callable<Integer> {
    /** Stand-ins until the services say where they are. */
    static final Map<Setting, String> DEFAULTS = Map.of(Setting.KAFKA_BOOTSTRAP_SERVERS, "127.0.0.1:9092",
            Setting.POSTGRES_URL, "postgresql://127.0.0.1:5432/dockworker");

    @Mixin
    private DataOptions data;
    @Mixin
    private SettingFlags flags;

    @Override
    public Integer call() throws Exception {
        Settings settings = flags.read(DEFAULTS);
        var ending = new Ending();
        try (Services services = data.start();
                Worker worker = Worker.start(
                        settings.withServices(services.bootstrapServers(), services.postgresUrl()),
                        Worker.How.WITH_ANY_PORT,
                        Checkpoint.NONE)) {
            String url = worker.httpUrl();
            services.announce(Optional.of(url));
            System.out.println("  HTTP        " + url + "\nCtrl-C stops all of it; containers go on.");
            return WorkerWait.until(worker, ending);
        } finally {
            ending.closed();
        }
    }
}
