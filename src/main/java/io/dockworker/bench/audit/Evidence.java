package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What four witnesses say: the topics, the engine, the proxy in front of it, and the containers' own processes.
 *
 * @param commands   as the broker acknowledged them, by partition and offset
 * @param results    what a reader of committed records sees, by partition and offset
 * @param calls      that reached the engine and may have changed something, in their order
 * @param containers that the engine has at the end, as it inspects them
 * @param runs       how often a process of a container began, by the container's abbreviated id
 */
record Evidence(List<Entry> commands, List<Entry> results, List<Call> calls, List<JsonNode> containers,
        Map<String, Integer> runs) {
    Evidence {
        commands = List.copyOf(commands);
        results = List.copyOf(results);
        calls = List.copyOf(calls);
        containers = List.copyOf(containers);
        runs = Map.copyOf(runs);
    }

    /** A record of a topic. */
    record Entry(int partition, long offset, String key, JsonNode body) {
        String text(String field) {
            return body.path(field).asText("");
        }
    }

    /**
     * A request to the engine.
     *
     * @param status empty if the engine gave no answer
     */
    record Call(String method, String path, OptionalInt status) {
        private static final Pattern OF_CONTAINER = Pattern
                .compile("(?:/v[0-9.]+)?/containers/([0-9a-f]{64})/(\\w+)(?:\\?(.*))?");
        private static final Pattern CREATE = Pattern
                .compile("(?:/v[0-9.]+)?/containers/create\\?(?:.*&)?name=([^&]+).*");

        /** The one that it is about. */
        Optional<String> container() {
            return part(OF_CONTAINER, 1);
        }

        /** The name under which it makes one. */
        Optional<String> made() {
            return part(CREATE, 1);
        }

        boolean isPost(String verb) {
            return part(OF_CONTAINER, 2).equals(Optional.of(verb));
        }

        private Optional<String> part(Pattern pattern, int group) {
            return Optional.of(pattern.matcher(path)).filter(found -> method.equals("POST") && found.matches())
                    .map(found -> found.group(group));
        }

        /** True for what the engine says was done. */
        boolean isDone() {
            return status.isPresent() && status.getAsInt() < 300;
        }

        /** True also where that cannot be known: an engine that fails, or says nothing, may have acted. */
        boolean mayBeDone() {
            return isDone() || status.isEmpty() || status.getAsInt() >= 500;
        }

        /** @return as in {@code SIGTERM}; empty where it has none */
        String signal() {
            return Stream.of(path.replaceFirst("^[^?]*\\??", "").split("&"))
                    .filter(part -> part.startsWith("signal=")).map(part -> part.substring("signal=".length()))
                    .findFirst().orElse("");
        }
    }
}
