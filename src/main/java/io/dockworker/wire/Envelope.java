package io.dockworker.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dockworker.command.CommandId;
import io.dockworker.command.InvalidValue;
import io.dockworker.command.StorableText;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
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

    private static final String STRUCTURED = "application/cloudevents";
    /** Any of these makes a record a CloudEvent; others may stand beside bare JSON, where a library adds them to all. */
    private static final Set<String> EVENT_HEADERS = Set.of("ce_specversion", "ce_id", "ce_type");
    private static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.*");
    private static final Pattern EVENT_TYPE = Pattern
            .compile("io\\.dockworker\\.command\\.(?<verb>[^.]{1," + MAX_TYPE + "})(?:\\.v1)?");

    /** A record that can't be answered, since it has no readable id and type. */
    static final class NoEnvelope extends Exception {
        private static final long serialVersionUID = 1L;

        /** @param message may quote what a stranger wrote */
        NoEnvelope(String message) {
            super(Text.shown(message, 400), null, false, false);
        }
    }

    /** Of whatever form: the headers say which. */
    static Envelope of(JsonNode document, Map<String, String> headers, String madeId) throws NoEnvelope {
        String contentType = headers.getOrDefault("content-type", "").strip().toLowerCase(Locale.ROOT);
        if (contentType.startsWith(STRUCTURED)) {
            return ofStructuredEvent(document, headers, contentType);
        }
        return headers.keySet().stream().anyMatch(EVENT_HEADERS::contains)
                ? ofBinaryEvent(document, headers)
                : ofBareJson(document, headers, madeId);
    }

    /** A JSON object with {@code id} and {@code type} in it. What it leaves out headers may say. */
    static Envelope ofBareJson(JsonNode document, Map<String, String> headers, String madeId) throws NoEnvelope {
        ObjectNode body = object(document).deepCopy();
        Map.of("correlationid", "correlation_id", "source", "source").forEach((attribute, field) -> Optional
                .ofNullable(headers.get(EventAttributes.PREFIX + attribute))
                .filter(text -> !body.has(field) && isWord(text, CommandReader.MAX_WORD))
                .ifPresent(text -> body.put(field, text)));
        String expiry = headers.get(EventAttributes.PREFIX + "expirytime");
        if (expiry != null && !body.has("expires_at")) {
            body.put("expires_at", StorableText.of(expiry));
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
                    trace(body, Optional.ofNullable(headers.get("traceparent"))), body);
        } catch (InvalidValue e) {
            throw new NoEnvelope(e.getMessage());
        }
    }

    /** CloudEvents' binary mode: attributes in headers {@code ce_…}, fields in the value. */
    private static Envelope ofBinaryEvent(JsonNode document, Map<String, String> headers) throws NoEnvelope {
        return ofEvent(EventAttributes.ofHeaders(headers), object(document), headers);
    }

    /** CloudEvents' structured mode: attributes as members, fields in {@code data}. */
    private static Envelope ofStructuredEvent(JsonNode document, Map<String, String> headers, String contentType)
            throws NoEnvelope {
        String format = contentType.split(";", 2)[0].strip();
        if (!format.equals(STRUCTURED + "+json")) {
            throw new NoEnvelope("the header `content-type` is `" + format + "`: send each CloudEvent by itself, as "
                    + STRUCTURED + "+json");
        }
        ObjectNode event = object(document);
        if (event.has("data_base64")) {
            throw new NoEnvelope("`data_base64` is not read: write the command's fields as a JSON object in `data`");
        }
        if (!(event.get("data") instanceof ObjectNode data)) {
            throw new NoEnvelope("`data` is the JSON object with the command's fields, as in {\"target\": \"web\"}");
        }
        return ofEvent(EventAttributes.ofMembers(event), data, headers);
    }

    /** Puts what the attributes say where bare JSON has it, so that all that follows is the same for every form. */
    private static Envelope ofEvent(EventAttributes attributes, ObjectNode data, Map<String, String> headers)
            throws NoEnvelope {
        attributes.checkVersion();
        String id = attributes.required("id", "a UUID or ULID");
        String eventType = attributes.required("type", "io.dockworker.command.create");
        Matcher type = EVENT_TYPE.matcher(eventType);
        if (!type.matches() || !isType(TextNode.valueOf(type.group("verb")))) {
            throw new NoEnvelope(attributes.called("type") + " is `" + eventType
                    + "`: write io.dockworker.command.<type>, as in io.dockworker.command.create");
        }
        ObjectNode body = data.deepCopy();
        attributes.merge("id", id, body, "id", String::equals);
        attributes.merge("type", type.group("verb"), body, "type", String::equals);
        Optional<String> correlation = attributes.find("correlationid");
        if (correlation.isPresent()) {
            attributes.merge("correlationid", correlation.get(), body, "correlation_id", String::equals);
        }
        Optional<String> expiry = attributes.find("expirytime");
        if (expiry.isPresent()) {
            attributes.merge("expirytime", expiry.get(), body, "expires_at", CommandReader::isSameTime);
        }
        // A source is a URI of any length, ours a short word for people.
        attributes.find("source").filter(text -> !body.has("source") && isWord(text, CommandReader.MAX_WORD))
                .ifPresent(text -> body.put("source", text));
        Optional<String> trace = attributes.find("traceparent");
        try {
            return new Envelope(new CommandId(id), type.group("verb"),
                    trace(body, Optional.ofNullable(headers.get("traceparent")).or(() -> trace)), body);
        } catch (InvalidValue e) {
            throw new NoEnvelope(attributes.called("id") + ": " + e.getMessage());
        }
    }

    private static ObjectNode object(JsonNode document) throws NoEnvelope {
        if (document instanceof ObjectNode object) {
            return object;
        }
        throw new NoEnvelope("a command is a JSON object, not " + Fields.kind(document));
    }

    private static boolean isType(JsonNode type) {
        return type.isTextual() && !type.textValue().isEmpty() && type.textValue().length() <= MAX_TYPE
                && !Text.hasControls(type.textValue()) && !Text.wasMended(type.textValue());
    }

    /** The body's own, else the header's if it has the form of W3C Trace Context. */
    private static Optional<String> trace(ObjectNode body, Optional<String> header) {
        return known(body, "traceparent", MAX_TRACE).or(() -> header
                .filter(text -> isWord(text, MAX_TRACE) && TRACEPARENT.matcher(text).matches()));
    }

    /** What a rejected command's result still passes on. */
    Optional<String> correlationId() {
        return known(body, "correlation_id", CommandReader.MAX_WORD);
    }

    private static Optional<String> known(ObjectNode body, String name, int max) {
        return Optional.ofNullable(body.get(name)).filter(JsonNode::isTextual).map(JsonNode::textValue)
                .filter(text -> isWord(text, max));
    }

    private static boolean isWord(String text, int max) {
        return !text.isEmpty() && text.length() <= max && !Text.hasControls(text) && !Text.wasMended(text);
    }
}
