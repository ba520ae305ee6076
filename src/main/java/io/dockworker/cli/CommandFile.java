package io.dockworker.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads commands from a file: one JSON object, an array of them, or one after the other, as JSON lines are. */
final class CommandFile {
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build().readerFor(JsonNode.class);

    private CommandFile() {}

    /** @throws KeyValues.Unusable if it is no JSON, or holds nothing */
    static List<JsonNode> read(InputStream in, String name) throws IOException, KeyValues.Unusable {
        List<JsonNode> commands = new ArrayList<>();
        try (MappingIterator<JsonNode> documents = READER.readValues(in)) {
            while (documents.hasNextValue()) {
                JsonNode document = documents.nextValue();
                if (document instanceof ArrayNode array) {
                    array.forEach(commands::add);
                } else {
                    commands.add(document);
                }
            }
        } catch (JsonProcessingException e) {
            throw new KeyValues.Unusable(name + ", line " + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage());
        }
        if (commands.isEmpty()) {
            throw new KeyValues.Unusable(name + " holds no command");
        }
        return commands;
    }
}
