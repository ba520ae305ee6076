package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Failure;
import io.dockworker.command.StorableText;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The pieces of JSON that several kinds of output share. */
final class OutputTree {
    /** The engine's words may be long; a result must not be. */
    private static final int MAX_MESSAGE = 4_000;

    private OutputTree() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static void put(ObjectNode json, String name, Optional<?> value) {
        json.put(name, value.map(Object::toString).orElse(null));
    }

    static void put(ObjectNode json, String name, Instant time) {
        json.put(name, time.toString());
    }

    /** Seconds, without a fraction where there is none. */
    static void putSeconds(ObjectNode json, String name, Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1_000 == 0) {
            json.put(name, millis / 1_000);
        } else {
            json.put(name, BigDecimal.valueOf(millis, 3));
        }
    }

    static ObjectNode failure(Failure failure) {
        ObjectNode json = object().put("code", failure.code().name()).put("message",
                StorableText.of(failure.message().length() <= MAX_MESSAGE
                        ? failure.message()
                        : failure.message().substring(0, MAX_MESSAGE) + "…"));
        put(json, "field", failure.field());
        return json.put("retryable", failure.retryable());
    }

    static void putFailure(ObjectNode json, Optional<Failure> failure) {
        json.set("error", failure.map(OutputTree::failure).orElse(null));
    }

    static ObjectNode ports(Map<String, List<ContainerSnapshot.Binding>> ports) {
        ObjectNode json = object();
        new TreeMap<>(ports).forEach((port, bindings) -> {
            ArrayNode array = json.putArray(port);
            bindings.forEach(binding -> array.addObject().put("host_ip", binding.hostIp()).put("host_port",
                    binding.hostPort()));
        });
        return json;
    }

    /** What results and states say alike of a container. */
    static ObjectNode container(ContainerSnapshot container, Optional<String> host) {
        ObjectNode json = object().put("id", container.id().value()).put("name", container.name())
                .put("image", container.image()).put("image_id", container.imageId());
        put(json, "host", host);
        json.put("state", container.status().toString()).set("ports", ports(container.ports()));
        return json;
    }

    /** The same where there is no container to tell of. */
    static ObjectNode noContainer(String reference, Optional<String> host) {
        ObjectNode json = object().putNull("id").put("name", reference).putNull("image").putNull("image_id");
        put(json, "host", host);
        json.putNull("state").putObject("ports");
        return json;
    }
}
