package io.dockworker.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerEvent;
import io.dockworker.command.HostId;
import io.dockworker.command.PullProgress;
import java.time.Instant;
import java.util.TreeMap;

/** Writes what happened to containers. */
public final class EventEncoder {
    public OutboundMessage encode(ContainerEvent event) {
        return message(event, tree(event));
    }

    /** The same without ports and attributes, for when the broker refuses the whole. */
    public OutboundMessage encodeReduced(ContainerEvent event) {
        ObjectNode json = tree(event);
        json.putObject("ports");
        json.putObject("attributes");
        return message(event, json.put("reduced", true));
    }

    /** How a pull goes on: an event of no container, keyed by the image. */
    public OutboundMessage encode(PullProgress progress, HostId host, Instant at) {
        String image = progress.image().normal();
        String id = "pull." + image + "." + at;
        ObjectNode json = OutputTree.object().put("event_id", id)
                .put("type", ContainerEvent.Type.PULL_PROGRESS.toString()).put("container_id", "").put("name", "")
                .put("image", progress.image().given()).put("host", host.value());
        json.putObject("ports");
        OutputTree.put(json, "at", at);
        json.put("cause", ContainerEvent.Cause.COMMAND.toString()).putNull("command_id").putNull("exit_code");
        json.putObject("attributes").put("bytes_current", String.valueOf(progress.bytesCurrent()))
                .put("bytes_total", String.valueOf(progress.bytesTotal()))
                .put("layers_done", String.valueOf(progress.layersDone()))
                .put("layers_total", String.valueOf(progress.layersTotal()));
        return new CloudEvent(id, "event." + ContainerEvent.Type.PULL_PROGRESS + ".v1", host, at)
                .with("ce_subject", image).message("events", image, json);
    }

    /** The value alone. */
    public String json(ContainerEvent event) {
        return tree(event).toString();
    }

    private static OutboundMessage message(ContainerEvent event, ObjectNode json) {
        return new CloudEvent(event.eventId(), "event." + event.type() + ".v1", event.host(), event.at())
                .with("ce_subject", event.containerId().value())
                .with("ce_causationid", event.commandId().map(CommandId::value))
                .message("events", event.containerId().value(), json);
    }

    private static ObjectNode tree(ContainerEvent event) {
        ObjectNode json = OutputTree.object().put("event_id", event.eventId()).put("type", event.type().toString())
                .put("container_id", event.containerId().value()).put("name", event.name()).put("image", event.image())
                .put("host", event.host().value());
        json.set("ports", OutputTree.ports(event.ports()));
        OutputTree.put(json, "at", event.at());
        json.put("cause", event.cause().toString());
        OutputTree.put(json, "command_id", event.commandId());
        json.put("exit_code", event.exitCode().isPresent() ? (Integer) event.exitCode().getAsInt() : null);
        ObjectNode attributes = json.putObject("attributes");
        new TreeMap<>(event.attributes()).forEach(attributes::put);
        return json;
    }
}
