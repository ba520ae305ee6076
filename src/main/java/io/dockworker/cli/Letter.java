package io.dockworker.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.kafka.RawRecord;
import io.dockworker.kafka.TopicReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * A dead letter.
 *
 * @param headers the last of each name, as text
 */
record Letter(int partition, Instant at, RawRecord record, Map<String, String> headers) {
    private static final String FORM = "[0-9]{1,9}:[0-9]{1,18}";
    private static final int BEGINNING = 60;

    /** Every letter that the topic still has, by time. */
    static List<Letter> all(Properties kafka, String prefix) {
        try (var reader = new TopicReader(kafka, List.of(), List.of(prefix + "commands.dlq"))) {
            return reader.rest().stream().map(Letter::of)
                    .sorted(Comparator.comparing(Letter::at).thenComparingInt(Letter::partition)
                            .thenComparingLong(letter -> letter.record().offset()))
                    .toList();
        }
    }

    /** @throws Exit.Because if there is none */
    static Letter one(Properties kafka, String prefix, String reference) {
        if (!reference.matches(FORM)) {
            throw new Exit.Because(Exit.USAGE,
                    "a dead letter is named partition:offset, as dlq list shows it, not \"" + reference + "\"");
        }
        return all(kafka, prefix).stream().filter(letter -> letter.reference().equals(reference)).findFirst()
                .orElseThrow(() -> new Exit.Because(Exit.FAILED, "there is no dead letter " + reference
                        + "; ./dockworker dlq list shows those that are kept"));
    }

    static Letter of(TopicReader.Read read) {
        Map<String, String> headers = new LinkedHashMap<>();
        read.record().headers().forEach(header -> headers.put(header.name(),
                header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8)));
        return new Letter(read.partition(), read.at(), read.record(), headers);
    }

    String reference() {
        return partition + ":" + record.offset();
    }

    String code() {
        return headers.getOrDefault("dockworker_error_code", "");
    }

    String message() {
        return headers.getOrDefault("__dlq.errors.message", "");
    }

    /** Where it stood: partition and offset of the commands topic. */
    String origin() {
        return headers.getOrDefault("__dlq.errors.partition", "?") + ":"
                + headers.getOrDefault("__dlq.errors.offset", "?");
    }

    /** The value, if it is text. */
    private Optional<String> utf8() {
        if (record.value() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(record.value())).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    /** The value for people: what is no text is shown as Base64. */
    String text() {
        return utf8().orElseGet(() -> record.value() == null
                ? "(no value)"
                : "base64:" + Base64.getEncoder().encodeToString(record.value()));
    }

    String beginning() {
        String text = text();
        return text.codePointCount(0, text.length()) <= BEGINNING
                ? text
                : text.substring(0, text.offsetByCodePoints(0, BEGINNING)) + "…";
    }

    ObjectNode json() {
        ObjectNode json = Json.object().put("letter", reference()).put("at", at.toString()).put("code", code())
                .put("message", message()).put("from", origin());
        json.put("key", record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8));
        utf8().ifPresentOrElse(text -> json.put("value", text), () -> {
            json.putNull("value");
            if (record.value() != null) {
                json.put("value_base64", Base64.getEncoder().encodeToString(record.value()));
            }
        });
        ObjectNode all = json.putObject("headers");
        headers.forEach(all::put);
        return json;
    }
}
