package io.dockworker.cli;

import io.dockworker.standalone.Services;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Kafka and PostgreSQL alone. */
@Command(name = "services", mixinStandardHelpOptions = true, description = "Runs Kafka and PostgreSQL on this machine, until Ctrl-C. The data stays.", footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker services", "  ./dockworker services --kafka-port 19092 --postgres-port 15432"})
final class ServicesVerb implements Callable<Integer> {
    @Mixin
    private DataOptions data;

    @Override
    public Integer call() throws Exception {
        var ending = new Ending();
        try (Services services = data.start()) {
            services.announce(Optional.empty());
            System.out.println("Ctrl-C stops them.");
            ending.await();
        } finally {
            ending.closed();
        }
        return Exit.DONE.code;
    }
}
