package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.command.ContainerStatus;
import io.dockworker.command.HostId;
import io.dockworker.command.ImageName;
import io.dockworker.journal.ContainerViews;
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
        var filter = new ContainerViews.Filter(Given.parsed("--host", host, HostId::new),
                Given.parsed("--image", image, ImageName::new), Given.parsed("--state", state, ContainerStatus::parse));
        try (Database database = Client.reachedDatabase(client.settings())) {
            List<ManagedContainer> containers = new ContainerViews(database.jdbi()).page(filter, Optional.empty(),
                    Integer.MAX_VALUE);
            if (output.isJson()) {
                Json.printArray(containers.stream().map(PsVerb::json).toList());
            } else {
                print(containers);
            }
        }
        return Exit.DONE.code;
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
