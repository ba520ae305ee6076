package io.dockworker.cli;

import io.dockworker.command.ContainerSnapshot;
import io.dockworker.docker.ContainerLogs;
import io.dockworker.docker.DockerEngine;
import io.dockworker.execution.ContainerEngine.Inspection;
import io.dockworker.settings.Setting;
import io.dockworker.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a container writes. */
@Command(name = "logs", mixinStandardHelpOptions = true, header = "Shows what a managed container of this engine has written, from Docker.", footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker logs web", "  ./dockworker logs web --tail 100 --timestamps",
        "  ./dockworker logs -f 3f2a9c41d0be    until the container ends, or Ctrl-C"})
final class LogsVerb implements Callable<Integer> {
    @Mixin
    private Client client;

    @Parameters(paramLabel = "CONTAINER", description = "a name, an id, or the beginning of one")
    private String reference;

    @Option(names = {"-f", "--follow"}, description = "go on with what it writes from now on")
    private boolean follow;

    @Option(names = {"-n", "--tail"}, paramLabel = "N", description = "the last N lines alone")
    private Integer tail;

    @Option(names = "--since", paramLabel = "TIME", description = "since this time, or this long ago (90s, 1h30m, 2d)")
    private String since;

    @Option(names = {"-t", "--timestamps"}, description = "with the engine's time before each line")
    private boolean timestamps;

    @Override
    public Integer call() throws Exception {
        // Neither Kafka nor PostgreSQL is asked, so they need not be known.
        Settings settings = client.settingsWithoutServices();
        Optional<Instant> from = Optional.ofNullable(since)
                .map(text -> Times.past("--since", text, InstantSource.system().instant()));
        Ending ending = Ending.atOnce();
        try (DockerEngine engine = Client.reachedEngine(settings)) {
            ContainerSnapshot container = managed(engine);
            OptionalInt lines = tail == null ? OptionalInt.empty() : OptionalInt.of(Math.max(0, tail));
            switch (new ContainerLogs(engine).open(container.id(), lines, from, timestamps, follow)) {
                case ContainerLogs.Opening.Opened(InputStream bytes) -> copy(bytes);
                case ContainerLogs.Opening.Absent() -> throw absent();
                case ContainerLogs.Opening.NotKept(String why) -> throw new Exit.Because(Exit.FAILED, why);
            }
        } finally {
            ending.closed();
        }
        return Exit.DONE.code;
    }

    private static void copy(InputStream bytes) throws IOException {
        try (bytes) {
            byte[] piece = new byte[8192];
            for (int read = bytes.read(piece); read >= 0 && !System.out.checkError(); read = bytes.read(piece)) {
                System.out.write(piece, 0, read);
            }
        }
        System.out.flush();
    }

    private ContainerSnapshot managed(DockerEngine engine) {
        return switch (engine.inspect(reference)) {
            case Inspection.Seen(ContainerSnapshot container) when container.isManaged() -> container;
            case Inspection.Seen _ -> throw new Exit.Because(Exit.FAILED, reference
                    + " was not made by Dockworker, whose business it is not; use docker logs " + reference);
            case Inspection.Absent _ -> throw absent();
            case Inspection.Away(String reason) ->
                throw new Exit.Because(Exit.UNAVAILABLE, "the Docker engine is away: " + reason);
        };
    }

    private Exit.Because absent() {
        return new Exit.Because(Exit.FAILED, "this engine has no container " + reference + "; ./dockworker ps shows "
                + "which host has it, and " + Setting.DOCKER_HOST + " says which engine is asked");
    }
}
