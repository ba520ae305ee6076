package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dockworker.command.ContainerEvent;
import io.dockworker.journal.Containers;
import io.dockworker.journal.EventViews;
import io.dockworker.journal.ManagedContainer;
import io.dockworker.postgres.Database;
import io.dockworker.wire.EventEncoder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What has happened. */
@Command(name = "events", mixinStandardHelpOptions = true, header = "Shows what happened to containers, the latest last, from PostgreSQL.", footerHeading = "%nExamples:%n", footer = {
        "  ./dockworker events", "  ./dockworker events web --limit 5", "  ./dockworker events --type die --since 2d",
        "  ./dockworker events 3f2a9c41d0be --output json"})
final class EventsVerb implements Callable<Integer> {
    @Mixin
    private Client client;
    @Mixin
    private Output output;

    @Parameters(arity = "0..1", paramLabel = "CONTAINER", description = "a name, an id, or at least 12 digits of one")
    private String reference;

    @Option(names = "--type", paramLabel = "TYPE", description = "of this type alone: create, start, stop, die, …")
    private String type;

    @Option(names = "--host", paramLabel = "HOST", description = "of this host alone")
    private String host;

    @Option(names = "--since", paramLabel = "TIME", description = "since this time, or this long ago (90s, 1h30m, 2d)")
    private String since;

    @Option(names = {"-n",
            "--limit"}, paramLabel = "N", defaultValue = "50", description = "the latest N (default: ${DEFAULT-VALUE})")
    private int limit;

    @Override
    public Integer call() throws Exception {
        Optional<Instant> from = Optional.ofNullable(since)
                .map(text -> Times.past("--since", text, InstantSource.system().instant()));
        Optional<ContainerEvent.Type> wanted = Given.parsed("--type", type, ContainerEvent.Type::parse);
        int most = Math.min(Given.limit(limit), 100_000);
        try (Database database = Client.reachedDatabase(client.settings())) {
            List<JsonNode> events = new EventViews(database.jdbi()).page(filter(database, wanted, from),
                    Optional.empty(), most).reversed().stream().map(EventsVerb::json).toList();
            if (output.isJson()) {
                Json.printArray(events);
            } else {
                print(events);
            }
        }
        return Exit.DONE.code;
    }

    /** A name is taken as one; for a part of an id the container must still be on record. */
    private EventViews.Filter filter(Database database, Optional<ContainerEvent.Type> wanted, Optional<Instant> from) {
        Optional<String> name = Optional.ofNullable(reference);
        var container = name.filter(text -> text.matches("[0-9a-f]{12,64}"))
                .flatMap(id -> new Containers(database.jdbi()).find(id).stream().findFirst())
                .map(ManagedContainer::container).map(found -> found.id());
        return new EventViews.Filter(container, container.isPresent() ? Optional.empty() : name,
                wanted.map(ContainerEvent.Type::toString), Optional.ofNullable(host), from, Optional.empty());
    }

    private static void print(List<JsonNode> events) {
        var table = new Table("AT", "TYPE", "NAME", "CONTAINER", "HOST", "CAUSE", "COMMAND", "EXIT", "MORE");
        for (JsonNode event : events) {
            String id = event.path("container_id").asText();
            table.row(Times.shown(event.path("at").asText()), event.path("type").asText(), event.path("name").asText(),
                    id.substring(0, Math.min(12, id.length())), event.path("host").asText(),
                    event.path("cause").asText(), event.path("command_id").asText("").replace("null", ""),
                    event.path("exit_code").asText("").replace("null", ""), more(event.path("attributes")));
        }
        table.print(System.out);
    }

    private static String more(JsonNode attributes) {
        return String.join(" ", attributes.properties().stream()
                .map(attribute -> attribute.getKey() + "=" + attribute.getValue().asText()).toList());
    }

    private static JsonNode json(ContainerEvent event) {
        return Json.own(new EventEncoder().json(event));
    }
}
