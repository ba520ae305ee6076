package io.dockworker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Messages of the topics in one line each, for people. */
final class Lines {
    private Lines() {}

    static String result(JsonNode result) {
        return text(result, "command_id") + "  " + outcome(result);
    }

    /** Without its id. */
    static String outcome(JsonNode result) {
        var line = new StringBuilder(text(result, "type")).append("  ").append(text(result, "status"));
        if (result.path("status").asText().equals("succeeded") && !result.path("changed").asBoolean()) {
            line.append(" (nothing to do)");
        }
        JsonNode error = result.path("error");
        if (error.isObject()) {
            line.append("  ").append(text(error, "code")).append(' ').append(text(error, "message"));
            if (error.path("field").isTextual()) {
                line.append(" (").append(text(error, "field")).append(')');
            }
        }
        List<String> containers = new ArrayList<>();
        result.path("containers").forEach(container -> containers.add(container(container)));
        return line.append(containers.isEmpty() ? "" : "  " + String.join(", ", containers)).toString();
    }

    private static String container(JsonNode container) {
        String ports = ports(container.path("ports"));
        String state = text(container, "state");
        return text(container, "name") + (state.isEmpty() ? "" : " " + state) + (ports.isEmpty() ? "" : " " + ports);
    }

    static String event(JsonNode event) {
        var line = new StringBuilder(text(event, "type")).append("  ").append(text(event, "name")).append("  by ")
                .append(text(event, "cause"));
        if (event.path("command_id").isTextual()) {
            line.append(' ').append(text(event, "command_id"));
        }
        if (event.path("exit_code").isNumber()) {
            line.append("  exit code ").append(event.path("exit_code").asInt());
        }
        event.path("attributes").properties().forEach(attribute -> line.append("  ").append(attribute.getKey())
                .append('=').append(attribute.getValue().asText()));
        return Table.oneLine(line.toString());
    }

    static String health(JsonNode sample) {
        List<String> reasons = new ArrayList<>();
        sample.path("reasons").forEach(reason -> reasons.add(reason.asText()));
        return text(sample, "name") + "  " + text(sample, "status") + "  CPU " + percent(sample.path("cpu_usage"))
                + "  memory " + percent(sample.path("memory_usage"))
                + (reasons.isEmpty() ? "" : "  " + Table.oneLine(String.join("; ", reasons)));
    }

    static String percent(JsonNode number) {
        return number.isNumber() ? String.format(Locale.ROOT, "%.1f %%", number.asDouble()) : "-";
    }

    /** {@code 0.0.0.0:32768->80/tcp}, as Docker shows them. */
    static String ports(JsonNode ports) {
        List<String> shown = new ArrayList<>();
        ports.properties().forEach(port -> port.getValue().forEach(binding -> shown.add(
                binding.path("host_ip").asText() + ":" + binding.path("host_port").asInt() + "->" + port.getKey())));
        return Table.oneLine(String.join(" ", shown));
    }

    static String text(JsonNode object, String field) {
        return Table.oneLine(object.path(field).asText(""));
    }
}
