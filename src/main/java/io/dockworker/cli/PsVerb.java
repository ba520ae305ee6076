package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.command.ImageName;
import io.dockworker.command.InvalidValue;
import io.dockworker.journal.ContainerListing;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.postgres.Database;
import io.dockworker.wire.StateEncoder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The fleet's containers. */
@Command(name = "ps", mixinStandardHelpOptions = true, header = "Lists the managed containers of all hosts, from PostgreSQL.", footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker ps", "  ./dockworker ps --host host-a --state running",
        "  ./dockworker ps --image nginx:alpine --output json"})
final class PsVerb implements Callable<Integer> {
    @Mixin
    private Client client;
    @Mixin
    private Output output;

    @Option(names = "--host", paramLabel = "HOST", description = "of this host alone")
    private String host;

    @Option(names = "--image", paramLabel = "IMAGE", description = "of this image alone")
    private String image;

    @Option(names = {"--state",
            "--status"}, paramLabel = "STATE", description = "in this state alone: running, exited, …")
    private String state;

    @Override
    public Integer call() throws Exception {
        Optional<ImageName> wanted = imageName();
        try (Database database = Client.reachedDatabase(client.settings())) {
            List<ManagedContainer> containers = new ContainerListing(database.jdbi())
                    .of(Optional.ofNullable(host), wanted, Optional.ofNullable(state));
            if (output.isJson()) {
                Json.printArray(containers.stream().map(PsVerb::json).toList());
            } else {
                print(containers);
            }
        }
        return Exit.DONE.code;
    }

    private Optional<ImageName> imageName() {
        try {
            return Optional.ofNullable(image).map(ImageName::new);
        } catch (InvalidValue e) {
            throw new Exit.Because(Exit.USAGE, "--image: " + e.getMessage());
        }
    }

    private static void print(List<ManagedContainer> containers) {
        var table = new Table("NAME", "ID", "IMAGE", "HOST", "STATE", "SINCE", "PORTS");
        for (ManagedContainer managed : containers) {
            JsonNode json = json(managed);
            String since = managed.container().isUp() ? "started_at" : "finished_at";
            table.row(managed.container().name(), managed.container().id().abbreviated(), managed.container().image(),
                    managed.host(), managed.container().status(), Times.shown(json.path(since).asText("")),
                    Lines.ports(json.path("ports")));
        }
        table.print(System.out);
    }

    /** As the state topic shows it. */
    private static JsonNode json(ManagedContainer managed) {
        return Json.own(new StateEncoder().json(managed.host(), managed.container(), managed.seenAt()));
    }
}
