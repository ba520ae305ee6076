package io.dockworker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dockworker.command.CommandType;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Outcome;
import io.dockworker.settings.Setting;
import io.dockworker.wire.CommandFields;
import io.dockworker.wire.DeadLetterCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing that users may rely on is unseen by the tests on real parts. Runs after all of these, when all of them ran. */
final class WholeContract {
    /** What {@link Coverage} writes. */
    static final Path SEEN = Path.of("target", "contract-coverage.txt");
    private static final Pattern OPERATION = Pattern.compile("(?m)^  (/\\S*):\n((?:    .*\n|\n)+)");
    private static final Pattern METHOD = Pattern.compile("(?m)^    (get|post|delete):");
    private static final Pattern METRIC = Pattern.compile("(?m)^\\| `(dockworker_\\w+)` \\|");
    private static final Set<String> WAITS_FOR = Set.of("the fleet", "policy", "the dashboard", "itself",
            "a constant", "a flood of events", "fifty thousand samples");

    @Test
    void allOfItWasSeen() throws IOException {
        Set<String> seen = new HashSet<>(Files.readAllLines(SEEN));
        Map<String, String> waiting = waiting();
        List<String> faults = new ArrayList<>();
        for (String line : listed()) {
            if (seen.contains(line) == waiting.containsKey(line)) {
                faults.add(line + (seen.contains(line) ? " waits for nothing any more" : " was seen by no test"));
            }
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void allThatTheCodeKnowsIsListed() throws IOException {
        Stream<String> operations = OPERATION.matcher(Files.readString(Path.of("src/main/resources/openapi.yaml")))
                .results().flatMap(path -> METHOD.matcher(path.group(2)).results()
                        .map(method -> "endpoint " + method.group(1).toUpperCase(Locale.ROOT) + " " + path.group(1)));
        Stream<String> metrics = METRIC.matcher(Files.readString(Path.of("docs/METRICS.md"))).results()
                .map(row -> "metric " + row.group(1));
        Stream<String> known = Stream.of(operations, metrics, named("status", Outcome.Status.values()),
                named("dead-letter", DeadLetterCode.values()),
                named("command", CommandType.values()), named("code", ErrorCode.values()),
                named("event", ContainerEvent.Type.values()), named("field", CommandFields.published().toArray()),
                named("setting", Setting.values())).flatMap(names -> names);
        assertEquals(List.of(), known.filter(name -> !listed().contains(name)).toList());
    }

    @Test
    void whatWaitsSaysForWhat() throws IOException {
        assertEquals(Set.of(), waiting().values().stream().filter(reason -> !WAITS_FOR.contains(reason))
                .collect(Collectors.toSet()));
    }

    private static Stream<String> named(String kind, Object[] values) {
        return Stream.of(values).map(value -> kind + " " + value);
    }

    /** All of it, each as its kind and its name. */
    static Set<String> listed() {
        return lines().stream().map(line -> line.replaceFirst(" -- .*", "")).collect(Collectors.toSet());
    }

    private static Map<String, String> waiting() {
        return lines().stream().filter(line -> line.contains(" -- ")).map(line -> line.split(" -- ", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    private static List<String> lines() {
        try (InputStream file = WholeContract.class.getResourceAsStream("/contract.txt")) {
            return new String(file.readAllBytes(), UTF_8).lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
