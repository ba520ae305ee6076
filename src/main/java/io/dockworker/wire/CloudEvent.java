package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.HostId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects the attributes of one CloudEvents 1.0 message in Kafka's binary mode. */
final class CloudEvent {
    private final List<OutboundMessage.Header> headers = new ArrayList<>();

    /**
     * @param id   the same whenever the same thing is published again
     * @param type without the common beginning, as in {@code result.v1}
     */
    CloudEvent(String id, String type, HostId host, Instant time) {
        with("ce_specversion", "1.0");
        with("ce_id", id);
        with("ce_source", "/hosts/" + host);
        with("ce_type", "io.dockworker." + type);
        with("ce_time", time.toString());
        with("content-type", "application/json");
    }

    CloudEvent with(String name, String value) {
        headers.add(OutboundMessage.Header.of(name, value));
        return this;
    }

    CloudEvent with(String name, Optional<String> value) {
        value.ifPresent(present -> with(name, present));
        return this;
    }

    OutboundMessage message(String topic, String key, ObjectNode json) {
        return message(topic, bytes(key), json);
    }

    OutboundMessage message(String topic, byte[] key, ObjectNode json) {
        return new OutboundMessage(topic, key, bytes(json.toString()), headers);
    }

    OutboundMessage tombstone(String topic, String key) {
        return new OutboundMessage(topic, bytes(key), null, headers);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
