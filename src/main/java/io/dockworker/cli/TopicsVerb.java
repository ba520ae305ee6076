package io.dockworker.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.kafka.TopicAdmin;
import io.dockworker.kafka.TopicCatalog;
import io.dockworker.kafka.TopicDifference;
import io.dockworker.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The broker's topics, held against their files. */
@Command(name = "topics", mixinStandardHelpOptions = true, header = "Compares the broker's topics with the files of topics/, and mends them.", synopsisSubcommandLabel = "diff|apply", subcommands = {
        TopicsVerb.DiffVerb.class, TopicsVerb.ApplyVerb.class}, footerHeading = "%nExamples:%n", footer = {
                "  ./dockworker topics diff", "  ./dockworker topics apply"})
final class TopicsVerb {
    private TopicsVerb() {}

    /** Looks alone. */
    @Command(name = "diff", mixinStandardHelpOptions = true, header = "Shows how the topics differ from their files; ends with 1 if they do.", footerHeading = "%nExamples:%n", footer = {
            "  ./dockworker topics diff", "  ./dockworker topics diff --topic-prefix other. --output json"})
    static final class DiffVerb implements Callable<Integer> {
        @Mixin
        private Client client;
        @Mixin
        private Output output;

        @Override
        public Integer call() throws Exception {
            return show(admin(client.settings()).ensure(false), output.isJson());
        }
    }

    /** Mends. */
    @Command(name = "apply", mixinStandardHelpOptions = true, header = "Makes missing topics, settings and partitions; says what cannot be mended, and then ends with 1.", description = "More partitions move keys: the order of one container's commands then holds among "
            + "those sent afterwards.", footerHeading = "%nExamples:%n", footer = {"  ./dockworker topics apply",
                    "  TOPIC_REPLICATION_FACTOR=3 ./dockworker topics apply"})
    static final class ApplyVerb implements Callable<Integer> {
        @Mixin
        private Client client;
        @Mixin
        private Output output;

        @Override
        public Integer call() throws Exception {
            return show(admin(client.settings()).mend(), output.isJson());
        }
    }

    /** @throws Exit.Because if no broker answers */
    static TopicAdmin admin(Settings settings) {
        return new TopicAdmin(Client.reachedKafka(settings), TopicCatalog.load(settings.topics().prefix()),
                settings.topics().replicationFactor());
    }

    private static int show(TopicAdmin.Report report, boolean json) {
        report.error().ifPresent(error -> {
            throw new Exit.Because(Exit.UNAVAILABLE, "the broker: " + error);
        });
        List<ObjectNode> found = new ArrayList<>();
        report.created().forEach(topic -> found.add(row(topic, "made", "", "", "")));
        report.mended().forEach(one -> found.add(row(one, "mended")));
        report.missing().forEach(topic -> found.add(row(topic, "missing", "", "", "topics apply makes it")));
        report.differences().forEach(one -> found.add(row(one, one.hindrance().isEmpty() ? "differs" : "stays")));
        if (json) {
            Json.printArray(found);
        } else if (found.isEmpty()) {
            System.out.println("every topic is as its file says");
        } else {
            var table = new Table("TOPIC", "STATUS", "WHAT", "FOUND", "FILE", "NOTE");
            found.forEach(one -> table.row(text(one, "topic"), text(one, "status"), text(one, "property"),
                    text(one, "found"), text(one, "wanted"), text(one, "note")));
            table.print(System.out);
        }
        return report.missing().isEmpty() && report.differences().isEmpty() ? Exit.DONE.code : Exit.FAILED.code;
    }

    private static ObjectNode row(TopicDifference one, String status) {
        return row(one.topic(), status, one.found(), one.wanted(),
                status.equals("mended") ? "" : one.hindrance().orElse("topics apply mends it"))
                .put("property", one.property());
    }

    private static ObjectNode row(String topic, String status, String found, String wanted, String note) {
        return Json.object().put("topic", topic).put("status", status).put("property", "").put("found", found)
                .put("wanted", wanted).put("note", note);
    }

    private static String text(ObjectNode object, String field) {
        return object.path(field).asText();
    }
}
