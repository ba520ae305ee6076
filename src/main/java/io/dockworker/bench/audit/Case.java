package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A command and what was answered to it.
 *
 * @param command its first record, where it was sent several times
 */
record Case(Evidence.Entry command, List<Evidence.Entry> answers) {
    Case {
        answers = List.copyOf(answers);
    }

    String id() {
        return command.text("id");
    }

    String type() {
        return command.text("type");
    }

    Optional<Evidence.Entry> answer() {
        return answers.stream().findFirst();
    }

    JsonNode result() {
        return answer().map(Evidence.Entry::body).orElse(MissingNode.getInstance());
    }

    boolean is(String... statuses) {
        return Set.of(statuses).contains(result().path("status").asText());
    }

    boolean succeeded() {
        return is("succeeded");
    }

    boolean changed() {
        return succeeded() && result().path("changed").asBoolean();
    }

    /** Nobody can say what it did, from its result alone: it began, and ended in doubt or half-way. */
    boolean isVague() {
        return is("unknown") || answers.isEmpty() || (is("failed") && hasBegun());
    }

    boolean hasBegun() {
        return result().path("attempts").asInt() > 0;
    }

    /** It was ended before anything was done. */
    boolean isRefused() {
        return is("rejected", "expired", "cancelled");
    }

    String error() {
        return result().at("/error/code").asText("");
    }

    /** Those that the result names, by their ids. */
    Set<String> containers() {
        return StreamSupport.stream(result().path("containers").spliterator(), false)
                .map(container -> container.path("id").asText("")).filter(id -> !id.isEmpty() && !id.equals("null"))
                .collect(Collectors.toSet());
    }

    boolean names(String container) {
        return containers().contains(container);
    }

    JsonNode told(String container) {
        return StreamSupport.stream(result().path("containers").spliterator(), false)
                .filter(one -> one.path("id").asText().equals(container)).findFirst()
                .orElse(MissingNode.getInstance());
    }

    /** Makes a container that has its name from the worker, so that its key, the image, says nothing of it. */
    boolean isNameless() {
        return type().equals("create") && command.text("name").isEmpty();
    }

    /** A job ends by itself. */
    boolean makesJob() {
        return type().equals("create") && command.body().at("/labels/kind").asText().equals("job");
    }

    boolean starts() {
        return switch (type()) {
            case "create" -> command.body().path("start").asBoolean(true);
            case "start", "restart", "replace" -> true;
            default -> false;
        };
    }
}
