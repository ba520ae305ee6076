package io.dockworker.bench.naive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.bench.audit.EngineSocket;
import io.dockworker.bench.audit.EngineSocket.Answer;
import java.io.IOException;
import java.util.Optional;

/** Does what a command says, with the engine's own verbs, and believes what the engine answers. */
record NaiveCommands(EngineSocket engine) {
    /**
     * How it went.
     *
     * @param container as it is afterwards, or was before it went
     * @param error     empty if all is well
     */
    record End(boolean changed, boolean removed, Optional<JsonNode> container, String error) {
        static End failed(String error) {
            return new End(false, false, Optional.empty(), error);
        }
    }

    End execute(JsonNode command) throws IOException {
        String type = command.path("type").asText();
        if (type.equals("cancel")) {
            return End.failed("TOO_LATE");
        }
        if (type.equals("create")) {
            return create(command);
        }
        Answer target = inspect(command.path("target").asText());
        if (!target.isDone()) {
            return End.failed("NOT_FOUND");
        }
        String id = target.body().path("Id").asText();
        return switch (type) {
            case "start", "pause", "unpause" -> after(id, post(id, type));
            case "stop", "restart" -> after(id, post(id, type + "?t=2"));
            case "kill" -> after(id, post(id, "kill?signal=" + command.path("signal").asText()));
            case "rename" -> after(id, post(id, "rename?name=" + command.path("name").asText()));
            case "update" -> after(id, update(id, command.at("/resources/memory_limit").asLong()));
            case "remove" -> {
                Answer gone = remove(id);
                yield new End(gone.isDone(), gone.isDone(), Optional.of(target.body()), error(gone));
            }
            case "replace" -> replace(command, target.body());
            default -> End.failed("UNSUPPORTED");
        };
    }

    private End create(JsonNode command) throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("Image", command.path("image").asText());
        body.set("Cmd", command.path("command"));
        ObjectNode labels = body.putObject("Labels").put("managed-by", command.path("image").asText())
                .put("io.dockworker.command-id", command.path("id").asText());
        command.path("labels").properties().forEach(label -> labels.set(label.getKey(), label.getValue()));
        ObjectNode host = body.putObject("HostConfig").put("NetworkMode", command.path("network_mode").asText());
        JsonNode volume = command.at("/volumes/0");
        host.putArray("Binds").add(volume.path("source").asText() + ":" + volume.path("target").asText());
        return create(command.path("name").asText(""), body);
    }

    private End create(String name, ObjectNode body) throws IOException {
        Answer created = engine.ask("POST", "/containers/create" + (name.isEmpty() ? "" : "?name=" + name), body);
        if (!created.isDone()) {
            return End.failed(created.status() == 409 ? "NAME_CONFLICT" : "ENGINE_ERROR");
        }
        String id = created.body().path("Id").asText();
        return after(id, post(id, "start"));
    }

    /** The new one under the old one's name. */
    private End replace(JsonNode command, JsonNode old) throws IOException {
        Answer gone = remove(old.path("Id").asText());
        if (!gone.isDone()) {
            return End.failed("ENGINE_ERROR");
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        old.path("Config").properties().forEach(field -> body.set(field.getKey(), field.getValue()));
        body.remove("Hostname");
        body.set("HostConfig", old.path("HostConfig"));
        ((ObjectNode) body.path("Labels")).put("io.dockworker.command-id", command.path("id").asText());
        return create(old.path("Name").asText().substring(1), body);
    }

    private Answer update(String id, long memory) throws IOException {
        ObjectNode limits = JsonNodeFactory.instance.objectNode().put("Memory", memory).put("MemorySwap", memory);
        return engine.ask("POST", "/containers/" + id + "/update", limits);
    }

    private Answer remove(String id) throws IOException {
        return engine.ask("DELETE", "/containers/" + id + "?force=1", null);
    }

    private Answer post(String id, String verb) throws IOException {
        return engine.ask("POST", "/containers/" + id + "/" + verb, null);
    }

    private Answer inspect(String target) throws IOException {
        return engine.get("/containers/" + target + "/json");
    }

    private End after(String id, Answer answer) throws IOException {
        Answer now = inspect(id);
        return new End(answer.status() < 300, false, Optional.of(now.body()), error(answer));
    }

    private static String error(Answer answer) {
        if (answer.isDone()) {
            return "";
        }
        return answer.status() == 409 ? "INVALID_STATE" : "ENGINE_ERROR";
    }
}
