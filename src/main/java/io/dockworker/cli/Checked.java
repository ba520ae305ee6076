package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.Command;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.RawRecord;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.CommandEncoder;
import io.dockworker.wire.Decoded;
import io.dockworker.wire.OutboundMessage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

/**
 * A command that a worker would accept.
 *
 * @param named whoever sends it has given it the id
 */
record Checked(Command command, boolean named) {
    /** @throws KeyValues.Unusable if a worker would refuse it; says what the worker would say */
    static Checked of(JsonNode json, String what) throws KeyValues.Unusable {
        boolean named = json.has("id");
        String id = UUID.randomUUID().toString();
        if (!named && json instanceof ObjectNode object) {
            object.put("id", id);
        }
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        return switch (new CommandDecoder().decode(bytes, Map.of(), id)) {
            case Decoded.Accepted accepted -> new Checked(accepted.command(), named);
            case Decoded.Rejected rejected -> throw new KeyValues.Unusable(what + said(rejected.failure()));
            case Decoded.NoCommand none -> throw new KeyValues.Unusable(what + none.message());
        };
    }

    static String said(Failure failure) {
        return failure.field().map(field -> field + ": ").orElse("") + failure.message();
    }

    String id() {
        return command.id().value();
    }

    /** As its result will name it. */
    String type() {
        return command.type().toString();
    }

    /** The normal form of the image that it names, under which a pull of it is told; empty if it names none. */
    String image() {
        JsonNode image = Json.read(new CommandEncoder().encode(command)).path("image");
        return image.isTextual() ? new ImageName(image.asText()).normal() : "";
    }

    /** As it is sent to the commands topic. */
    OutboundRecord record(String prefix) {
        OutboundMessage message = new CommandEncoder().message(command);
        return new OutboundRecord(prefix + message.topic(), message.key(), message.value(), message.headers().stream()
                .map(header -> new RawRecord.Header(header.name(), header.value())).toList());
    }
}
