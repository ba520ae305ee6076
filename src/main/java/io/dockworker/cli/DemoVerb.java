package io.dockworker.cli;

import io.dockworker.Worker;
import io.dockworker.docker.DockerEngine;
import io.dockworker.execution.Checkpoint;
import io.dockworker.fleet.EngineLock;
import io.dockworker.settings.PostgresUrl;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import io.dockworker.standalone.Services;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the main job. */
@Command(name = "demo", mixinStandardHelpOptions = true, description = "Shows one container's life by message, with real Kafka, PostgreSQL and Docker on this machine. "
        + "Ends by itself and leaves nothing behind.", footerHeading = "%nExamples:%n", footer = {
                "  ./dockworker demo"})
final class DemoVerb implements Callable<Integer> {
    @Mixin
    private SettingFlags flags;

    @Override
    public Integer call() throws Exception {
        Map<Setting, String> defaults = new HashMap<>(UpVerb.DEFAULTS);
        defaults.put(Setting.HEALTH_INTERVAL_SECONDS, "1");
        defaults.put(Setting.LOG_LEVEL, "warn");
        Settings settings = flags.read(defaults);
        var ending = new Ending();
        Path data = Files.createTempDirectory("dockworker-demo-");
        var screen = new Screen(System.out);
        screen.title("Dockworker: one container's life, by message");
        try (DockerEngine engine = free(settings, Worker.connect(settings, new SimpleMeterRegistry()));
                DemoImage image = DemoImage.prepare(engine, screen);
                Services services = services(data, screen);
                Worker worker = Worker.start(
                        settings.withServices(services.bootstrapServers(), services.postgresUrl()),
                        Worker.How.WITH_ANY_PORT,
                        Checkpoint.NONE)) {
            screen.line("Worker", "ready, HTTP at " + worker.httpUrl());
            return new Demonstration(settings.topics().prefix(), services, worker, image, screen).run();
        } finally {
            delete(data);
            ending.closed();
        }
    }

    /** Before anything is started: an engine that has a worker has no room for the demonstration's. */
    static DockerEngine free(Settings settings, DockerEngine engine) throws IOException, InterruptedException {
        try {
            if (settings.docker().isSocket()) {
                EngineLock
                        .take(settings.host().lockDirectory(), engine.info().id(), EngineLock.Purpose.WORK, _ -> false)
                        .close();
            }
        } catch (EngineLock.Refused e) {
            engine.close();
            throw new Exit.Because(Exit.CONFIGURATION, e.getMessage());
        } catch (IOException _) {
            // The image, which needs the engine first, and the worker, which needs the lock, say what is wrong.
        }
        return engine;
    }

    private static Services services(Path data, Screen screen) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Services services = Services.start(data, 9092, 5432, notice -> screen.line("", notice));
        screen.line("Kafka", services.bootstrapServers() + ", a real broker in this process");
        screen.line("PostgreSQL",
                new PostgresUrl(services.postgresUrl()).redacted() + ", a real server, every commit durable");
        screen.line("", "both ready after %.1f s".formatted((System.nanoTime() - begin) / 1e9));
        return services;
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
