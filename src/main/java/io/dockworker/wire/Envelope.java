package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.command.CommandId;
import io.dockworker.command.InvalidValue;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a command says about itself, whatever its packaging. Each form of packaging has one method here that makes an
 * envelope of a record, or says why it is no command.
 *
 * @param type as written
 * @param body the command's fields
 */
record Envelope(CommandId id, String type, Optional<String> traceparent, ObjectNode body) {
    static final int MAX_TYPE = 64;
    static final int MAX_TRACE = 256;

    private static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.*");

    /** A record that can't be answered, since it has no readable id and type. */
    static final class NoEnvelope extends Exception {
        private static final long serialVersionUID = 1L;

        NoEnvelope(String message) {
            super(message, null, false, false);
        }
    }

    /** A JSON object with {@code id} and {@code type} in it. */
    static Envelope ofBareJson(JsonNode document, Map<String, String> headers, String madeId) throws NoEnvelope {
        if (!(document instanceof ObjectNode body)) {
            throw new NoEnvelope("a command is a JSON object, not " + Fields.kind(document));
        }
        JsonNode type = body.get("type");
        if (type == null || !isType(type)) {
            throw new NoEnvelope("a command has a \"type\", as in \"create\"");
        }
        JsonNode id = body.get("id");
        if (id != null && !id.isTextual()) {
            throw new NoEnvelope("an \"id\" is text in quotes, not " + Fields.kind(id));
        }
        try {
            return new Envelope(new CommandId(id == null ? madeId : id.textValue()), type.textValue(),
                    trace(body, headers), body);
        } catch (InvalidValue e) {
            throw new NoEnvelope(e.getMessage());
        }
    }

    private static boolean isType(JsonNode type) {
        return type.isTextual() && !type.textValue().isEmpty() && type.textValue().length() <= MAX_TYPE
                && !Text.hasControls(type.textValue()) && !Text.wasMended(type.textValue());
    }

    /** The body's own, else the header's if it has the form of W3C Trace Context. */
    private static Optional<String> trace(ObjectNode body, Map<String, String> headers) {
        return known(body, "traceparent", MAX_TRACE).or(() -> Optional.ofNullable(headers.get("traceparent"))
                .filter(header -> header.length() <= MAX_TRACE && TRACEPARENT.matcher(header).matches()));
    }

    /** What a rejected command's result still passes on. */
    Optional<String> correlationId() {
        return known(body, "correlation_id", CommandReader.MAX_WORD);
    }

    private static Optional<String> known(ObjectNode body, String name, int max) {
        return Optional.ofNullable(body.get(name)).filter(JsonNode::isTextual).map(JsonNode::textValue)
                .filter(text -> !text.isEmpty() && text.length() <= max && !Text.hasControls(text));
    }
}
