package io.dockworker.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TopicCatalogTest {
    private final TopicCatalog catalog = TopicCatalog.load("prefix.");

    @Test
    void theTopicsAreThoseOfTheContract() {
        assertEquals(List.of(
                "prefix.commands 6 {cleanup.policy=delete, retention.ms=604800000, max.message.bytes=1048588}",
                "prefix.results 6 {cleanup.policy=delete, retention.ms=604800000, max.message.bytes=2097164}",
                "prefix.events 6 {cleanup.policy=delete, retention.ms=2592000000, max.message.bytes=1048588}",
                "prefix.health 6 {cleanup.policy=delete, retention.ms=604800000, max.message.bytes=1048588}",
                "prefix.state 6 {cleanup.policy=compact, max.message.bytes=1048588}",
                "prefix.hosts 1 {cleanup.policy=compact, max.message.bytes=1048588}",
                "prefix.commands.dlq 3 {cleanup.policy=delete, retention.ms=2592000000, max.message.bytes=2097164}"),
                catalog.topics().stream().map(topic -> topic.name() + " " + topic.partitions() + " " + topic.config())
                        .toList());
    }

    @Test
    void everyFileOfTheFolderIsInTheCatalogue() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("topics"))) {
            Map<Boolean, List<String>> names = files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                    .sorted().collect(Collectors.partitioningBy("asyncapi"::equals));
            assertEquals(TopicCatalog.SUFFIXES.stream().sorted().toList(), names.get(false));
        }
    }

    @Test
    void aNameIsAskedForByItsSuffix() {
        assertEquals("prefix.commands.dlq", catalog.name("commands.dlq"));
        assertThrows(IllegalArgumentException.class, () -> catalog.name("command"));
    }
}
