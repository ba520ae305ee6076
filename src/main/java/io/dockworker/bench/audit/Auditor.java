package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Where the auditor begins, a process that shares no class with what it examines. Arguments: the brokers, the prefix of
 * the topics, the engine's socket, the label of the containers, the proxy's log, the file in which the containers'
 * processes say that they begin, and the file for the report. Ends with 0 if there is nothing to report, else with 1.
 */
public final class Auditor {
    private static final JsonMapper JSON = new JsonMapper();

    private Auditor() {}

    public static void main(String[] arguments) throws IOException {
        String brokers = arguments[0];
        String prefix = arguments[1];
        Path report = Path.of(arguments[6]);
        var evidence = new Evidence(kept(TopicDump.read(brokers, prefix + "commands"), report, "commands.tsv"),
                kept(TopicDump.read(brokers, prefix + "results"), report, "results.tsv"), calls(Path.of(arguments[4])),
                new EngineSocket(Path.of(arguments[2])).containers(arguments[3]), runs(Path.of(arguments[5])));
        Report found = Report.of(evidence);
        Files.writeString(report, found.json().toPrettyString() + "\n");
        System.exit(found.isClean() ? 0 : 1);
    }

    /** Beside the report, for whoever wants to look for himself. */
    private static List<Evidence.Entry> kept(List<Evidence.Entry> entries, Path report, String file)
            throws IOException {
        Files.write(report.resolveSibling(file),
                entries.stream().map(entry -> entry.partition() + ":" + entry.offset() + "\t" + entry.key() + "\t"
                        + entry.body()).toList());
        return entries;
    }

    /** There are many times as many that only look, and they prove nothing. */
    private static List<Evidence.Call> calls(Path log) throws IOException {
        List<Evidence.Call> calls = new ArrayList<>();
        try (Stream<String> lines = Files.lines(log)) {
            for (String line : (Iterable<String>) lines::iterator) {
                JsonNode call = JSON.readTree(line);
                if (call.path("method").asText().equals("GET")) {
                    continue;
                }
                calls.add(new Evidence.Call(call.path("method").asText(), call.path("path").asText(),
                        call.path("status").isInt()
                                ? OptionalInt.of(call.path("status").asInt())
                                : OptionalInt.empty()));
            }
        }
        return calls;
    }

    /** Each line is the abbreviated id of a container whose process began. */
    private static Map<String, Integer> runs(Path ledger) throws IOException {
        Map<String, Integer> runs = new HashMap<>();
        if (Files.exists(ledger)) {
            Files.readAllLines(ledger, StandardCharsets.UTF_8)
                    .forEach(line -> runs.merge(line.strip(), 1, Integer::sum));
        }
        return runs;
    }
}
