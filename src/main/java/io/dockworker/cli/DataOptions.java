package io.dockworker.cli;

import io.dockworker.settings.PostgresUrl;
import io.dockworker.standalone.Services;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where embedded services keep their data and listen. */
final class DataOptions {
    @Option(names = "--data", paramLabel = "DIR", defaultValue = ".dockworker", description = "where the data is kept (default: ${DEFAULT-VALUE})")
    private Path directory;

    @Option(names = "--kafka-port", paramLabel = "PORT", defaultValue = "${env:KAFKA_PORT:-9092}", description = "the first port to try for Kafka (default: 9092)")
    private int kafkaPort;

    @Option(names = "--postgres-port", paramLabel = "PORT", defaultValue = "${env:POSTGRES_PORT:-5432}", description = "the first port to try for PostgreSQL (default: 5432)")
    private int postgresPort;

    Services start() throws IOException, InterruptedException {
        System.out.println("starting Kafka and PostgreSQL …");
        long begin = System.nanoTime();
        Services services = Services.start(directory, kafkaPort, postgresPort,
                notice -> System.out.println("  " + notice));
        System.out.printf("  Kafka       %s%n  PostgreSQL  %s%n  data        %s%n  ready after %.1f s%n",
                services.bootstrapServers(), new PostgresUrl(services.postgresUrl()).redacted(), services.directory(),
                (System.nanoTime() - begin) / 1e9);
        return services;
    }
}
