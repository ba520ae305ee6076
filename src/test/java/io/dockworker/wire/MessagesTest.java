package io.dockworker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/MESSAGES.md explains every word there is, and its examples are as the schemas say. */
final class MessagesTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");
    private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```json (\\w+)\n(.*?)^```$");

    private final String page;

    MessagesTest() throws IOException {
        page = Files.readString(Path.of("docs", "MESSAGES.md"));
    }

    @Test
    void everyStatusAndCodeIsExplained() {
        Stream<Object> known = Stream.of(Outcome.Status.values(), ErrorCode.values(), DeadLetterCode.values())
                .flatMap(Stream::of);
        assertEquals(known.map(Object::toString).toList(),
                ROW.matcher(page).results().map(row -> row.group(1)).toList());
    }

    @Test
    void everyExampleIsAsItsSchemaSays() throws IOException {
        List<String> topics = EXAMPLE.matcher(page).results().map(example -> example.group(1)).toList();
        assertEquals(List.of("command", "results", "events"), topics);
        for (var example : EXAMPLE.matcher(page).results().toList()) {
            if (example.group(1).equals("command")) {
                assertInstanceOf(Decoded.Accepted.class, new CommandDecoder()
                        .decode(example.group(2).getBytes(StandardCharsets.UTF_8), Map.of(), "made"));
            } else {
                assertEquals(List.of(), TopicSchemas.faults(TopicSchemas.file(example.group(1)).get("schema"),
                        new ObjectMapper().readTree(example.group(2))));
            }
        }
    }
}
