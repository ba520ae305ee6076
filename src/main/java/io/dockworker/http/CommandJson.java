package io.dockworker.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.dockworker.command.Command;
import io.dockworker.command.HostId;
import io.dockworker.journal.CommandViews;
import io.dockworker.wire.ResultEncoder;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Commands as the HTTP interface shows them. */
final class CommandJson {
    /** The status of one that is published, until more is known of it. */
    static final String ACCEPTED = "accepted";

    private CommandJson() {}

    /** The result as it was published. */
    static String result(CommandViews.View view) {
        return ResultEncoder.value(view.result().orElseThrow());
    }

    static String of(CommandViews.View view) {
        return tree(view.id().value(), view.type(), status(view), view.host(), Optional.of(view.receivedAt()),
                view.startedAt(), view.result().map(_ -> result(view)));
    }

    /** That of its result, or how far it has come. */
    static String status(CommandViews.View view) {
        return view.result().map(result -> result.outcome().status().toString())
                .orElseGet(() -> view.progress().name().toLowerCase(Locale.ROOT));
    }

    /** One that has gone out, and that the intake has not put on record yet. */
    static String of(Command sent) {
        return tree(sent.id().value(), sent.type().toString(), ACCEPTED, sent.header().host(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    private static String tree(String id, String type, String status, Optional<HostId> host,
            Optional<Instant> receivedAt, Optional<Instant> startedAt, Optional<String> result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("command_id", id).put("type", type)
                .put("status", status).put("host", host.map(HostId::value).orElse(null))
                .put("received_at", receivedAt.map(Instant::toString).orElse(null))
                .put("started_at", startedAt.map(Instant::toString).orElse(null));
        json.set("result", result.map(raw -> JsonNodeFactory.instance.rawValueNode(new RawValue(raw)))
                .orElseGet(JsonNodeFactory.instance::nullNode));
        return json.toString();
    }
}
