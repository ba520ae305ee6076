package io.dockworker.cli;

import io.dockworker.settings.PostgresUrl;
import io.dockworker.standalone.Services;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Where embedded services keep their data and listen. */
final class DataOptions {
    private static final String KAFKA = "KAFKA_PORT";
    private static final String POSTGRES = "POSTGRES_PORT";
    /** Of the environment, and no settings of a worker. */
    static final Set<String> VARIABLES = Set.of(KAFKA, POSTGRES);

    @Option(names = "--data", paramLabel = "DIR", defaultValue = ".dockworker", description = "where the data is kept (default: ${DEFAULT-VALUE})")
    private Path directory;

    @Option(names = "--kafka-port", paramLabel = "PORT", description = "the first port to try for Kafka (default: KAFKA_PORT, else 9092)")
    private String kafkaPort;

    @Option(names = "--postgres-port", paramLabel = "PORT", description = "the first port to try for PostgreSQL (default: POSTGRES_PORT, else 5432)")
    private String postgresPort;

    private static int port(String given, String variable, int standard) {
        String text = Optional.ofNullable(given).or(() -> Optional.ofNullable(System.getenv(variable)))
                .map(String::strip).filter(word -> !word.isEmpty()).orElse(Integer.toString(standard));
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 65_536;
        if (port > 65_535) {
            throw new Exit.Because(Exit.CONFIGURATION,
                    variable + " is a port, a number from 0 to 65535 (0: any free one), not \"" + text + "\"");
        }
        return port;
    }

    Services start() throws IOException, InterruptedException {
        int kafka = port(kafkaPort, KAFKA, 9092);
        int postgres = port(postgresPort, POSTGRES, 5432);
        System.out.println("starting Kafka and PostgreSQL …");
        long begin = System.nanoTime();
        Services services = Services.start(directory, kafka, postgres,
                notice -> System.out.println("  " + notice));
        System.out.printf("  Kafka       %s%n  PostgreSQL  %s%n  data        %s%n  ready after %.1f s%n",
                services.bootstrapServers(), new PostgresUrl(services.postgresUrl()).redacted(), services.directory(),
                (System.nanoTime() - begin) / 1e9);
        return services;
    }
}
