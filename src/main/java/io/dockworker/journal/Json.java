package io.dockworker.journal;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.dockworker.command.Command;
import io.dockworker.command.ContainerSnapshot;
import io.dockworker.command.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the journal writes the vocabulary into its own columns. Nobody else reads this form, which is why the records are
 * mapped as they are; what goes out has schemas and encoders of its own.
 */
final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder().addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .visibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            // A row written by a later version is still read after a downgrade.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addMixIn(Command.class, Tagged.class).addMixIn(Target.class, Tagged.class)
            .addMixIn(OutboxMessage.class, Tagged.class)
            .registerSubtypes(Command.class.getPermittedSubclasses())
            .registerSubtypes(Command.Aimed.class.getPermittedSubclasses())
            .registerSubtypes(Target.class.getPermittedSubclasses())
            .registerSubtypes(OutboxMessage.class.getPermittedSubclasses()).build();

    /** Sealed types carry the simple name of the record, so that packages may be renamed. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "is")
    private interface Tagged {}

    private Json() {}

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value of the vocabulary has no JSON form: " + value.getClass(), e);
        }
    }

    /** Ports as the contract shows them, since the events table is read by others too. */
    static String ports(Map<String, List<ContainerSnapshot.Binding>> ports) {
        ObjectNode json = MAPPER.createObjectNode();
        ports.forEach((port, bindings) -> {
            ArrayNode array = json.putArray(port);
            bindings.forEach(binding -> array.addObject().put("host_ip", binding.hostIp()).put("host_port",
                    binding.hostPort()));
        });
        return json.toString();
    }

    /** Reads what {@link #ports} wrote. */
    static Map<String, List<ContainerSnapshot.Binding>> readPorts(String json) {
        var ports = new HashMap<String, List<ContainerSnapshot.Binding>>();
        read(json, ObjectNode.class).properties().forEach(port -> {
            var bindings = new ArrayList<ContainerSnapshot.Binding>();
            port.getValue().forEach(binding -> bindings.add(new ContainerSnapshot.Binding(
                    binding.get("host_ip").textValue(), binding.get("host_port").intValue())));
            ports.put(port.getKey(), bindings);
        });
        return ports;
    }

    static Map<String, String> readTexts(String json) {
        return readAs(json, new TypeReference<>() {});
    }

    static Map<String, Duration> readDurations(String json) {
        return readAs(json, new TypeReference<>() {});
    }

    private static <T> T readAs(String json, TypeReference<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the journal holds no " + type.getType() + " here", e);
        }
    }

    static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the journal holds no " + type.getSimpleName() + " here", e);
        }
    }
}
