package io.dockworker.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.standalone.Services;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicAdminIT {
    @TempDir
    private static Path directory;
    private static Services services;

    @BeforeAll
    static void start() throws Exception {
        services = Services.start(directory, 29_092, 25_432, _ -> {});
    }

    @AfterAll
    static void stop() throws Exception {
        services.close();
    }

    @Test
    void missingTopicsAreCreatedFromTheirFilesOnce() throws Exception {
        TopicCatalog catalog = TopicCatalog.load("created.");
        List<String> names = catalog.topics().stream().map(TopicDefinition::name).toList();
        TopicAdmin topics = admin(services.bootstrapServers(), catalog);

        TopicAdmin.Report looked = topics.ensure(false);
        assertEquals(names, looked.missing());
        assertFalse(looked.isComplete());
        assertEquals(new TopicAdmin.Report(names, List.of(), List.of(), List.of(), Optional.empty()),
                topics.ensure(true));
        assertEquals(new TopicAdmin.Report(List.of(), List.of(), List.of(), List.of(), Optional.empty()),
                topics.ensure(true));
    }

    @Test
    void topicsThatDifferAreNamedAndLeftAlone() throws Exception {
        TopicCatalog catalog = TopicCatalog.load("differs.");
        TopicAdmin topics = admin(services.bootstrapServers(), catalog);
        topics.ensure(true);
        try (Admin admin = Admin.create(properties(services.bootstrapServers()))) {
            admin.createPartitions(Map.of("differs.hosts", NewPartitions.increaseTo(2))).all().get();
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "differs.commands"),
                    List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
        // The controller has answered; the broker that is asked learns of it a moment later.
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertEquals(
                List.of("differs.commands has retention.ms=1000, its file says 604800000",
                        "differs.hosts has 2 partitions, its file says 1"),
                topics.ensure(true).differences().stream().map(TopicDifference::sentence).toList()));
        assertEquals(Optional.of(Duration.ofSeconds(1)),
                topics.ensure(true).retention(catalog.definition("commands")));
        assertEquals(Optional.of(Duration.ofDays(7)), topics.ensure(true).retention(catalog.definition("results")));
    }

    @Test
    void whatCanBeMendedIsAndTheRestIsSaid() throws Exception {
        TopicCatalog catalog = TopicCatalog.load("mended.");
        TopicAdmin topics = admin(services.bootstrapServers(), catalog);
        try (Admin admin = Admin.create(properties(services.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("mended.commands", 2, (short) 1),
                    new NewTopic("mended.state", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                    new NewTopic("mended.hosts", 3, (short) 1))).all().get();
        }
        // The controller has answered; the broker that is asked learns of it a moment later.
        await().atMost(Duration.ofSeconds(10)).until(() -> topics.ensure(false).missing().size() == 4);
        TopicAdmin.Report report = topics.mend();
        assertEquals(Optional.empty(), report.error());
        assertEquals(4, report.created().size(), report::toString);
        assertEquals(List.of("mended.state has 1 partitions, its file says 6",
                "mended.hosts has 3 partitions, its file says 1"),
                report.differences().stream().map(TopicDifference::sentence).toList());
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertEquals(report.differences(),
                topics.ensure(false).differences(), "nothing else is left to be mended"));
    }

    @Test
    void aBrokerThatIsAwayIsSaidAndNotThrown() throws Exception {
        TopicAdmin.Report report = admin("127.0.0.1:1", TopicCatalog.load("x.")).ensure(true);
        assertFalse(report.isComplete());
        assertTrue(report.error().isPresent());
    }

    private static TopicAdmin admin(String servers, TopicCatalog catalog) {
        return new TopicAdmin(properties(servers), catalog, OptionalInt.empty());
    }

    private static Properties properties(String servers) {
        var properties = new Properties();
        properties.putAll(
                Map.of("bootstrap.servers", servers, "default.api.timeout.ms", 3_000, "request.timeout.ms", 2_000));
        return properties;
    }
}
