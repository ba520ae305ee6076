package io.dockworker.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.RawRecord;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.Decoded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A dead letter that is to be sent again: the same value and headers, but for the id, and without what was added when it
 * became a dead letter.
 *
 * @param oldId empty where it had none
 */
@SuppressWarnings("ArrayRecordComponent")
record Replay(Letter letter, byte[] value, List<RawRecord.Header> headers, String oldId, String newId) {
    private static final String ID_HEADER = "ce_id";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

    /** @throws Exit.Because if it would only be refused again */
    static Replay of(Letter letter) {
        String newId = UUID.randomUUID().toString();
        ObjectNode value = object(letter);
        boolean inHeader = letter.headers().containsKey(ID_HEADER);
        String oldId = inHeader ? letter.headers().get(ID_HEADER) : value.path("id").asText("");
        if (!inHeader || value.has("id")) {
            value.put("id", newId);
        }
        List<RawRecord.Header> headers = letter.record().headers().stream().filter(header -> !isOurs(header.name()))
                .map(header -> header.name().equals(ID_HEADER)
                        ? new RawRecord.Header(ID_HEADER, newId.getBytes(StandardCharsets.UTF_8))
                        : header)
                .toList();
        byte[] bytes = value.toString().getBytes(StandardCharsets.UTF_8);
        Map<String, String> texts = new LinkedHashMap<>();
        headers.stream().filter(header -> header.value() != null)
                .forEach(header -> texts.put(header.name(), new String(header.value(), StandardCharsets.UTF_8)));
        Optional<String> refusal = switch (new CommandDecoder().decode(bytes, texts, newId)) {
            case Decoded.Accepted _ -> Optional.empty();
            case Decoded.Rejected rejected -> Optional.of(Checked.said(rejected.failure()));
            case Decoded.NoCommand none -> Optional.of(none.message());
        };
        refusal.ifPresent(why -> {
            throw hopeless(letter, why);
        });
        return new Replay(letter, bytes, headers, oldId, newId);
    }

    private static ObjectNode object(Letter letter) {
        if (letter.headers().containsKey("dockworker_reduced")) {
            throw hopeless(letter, "its value was left out, since the broker refused it; it stood in the commands "
                    + "topic at " + letter.origin());
        }
        try {
            JsonNode json = letter.record().value() == null ? null : JSON.readTree(letter.record().value());
            if (json instanceof ObjectNode object) {
                return object;
            }
            throw hopeless(letter, "its value is no JSON object");
        } catch (JsonProcessingException e) {
            throw hopeless(letter, e.getOriginalMessage());
        } catch (IOException e) {
            throw hopeless(letter, e.getMessage());
        }
    }

    private static Exit.Because hopeless(Letter letter, String why) {
        return new Exit.Because(Exit.FAILED, letter.reference() + " is not sent, for it would be refused again: "
                + Table.oneLine(why) + "; send what was meant with ./dockworker send");
    }

    private static boolean isOurs(String header) {
        return header.startsWith("__dlq.") || header.startsWith("dockworker_");
    }

    OutboundRecord record(String prefix) {
        return new OutboundRecord(prefix + "commands", letter.record().key(), value, headers);
    }
}
