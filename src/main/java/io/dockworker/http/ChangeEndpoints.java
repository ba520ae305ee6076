package io.dockworker.http;

import io.dockworker.command.CommandId;
import io.dockworker.command.CommandType;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.InvalidValue;
import io.dockworker.http.ContainerView.ViewUnavailable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What changes containers: each request becomes a command. The body has the command's fields, the query may have some. */
final class ChangeEndpoints {
    private static final Set<String> COMMON = Set.of("host", "source", "correlation_id", "expires_at",
            "deadline_seconds");
    private static final Set<CommandType> VERBS = Set.of(CommandType.START, CommandType.STOP, CommandType.RESTART,
            CommandType.PAUSE, CommandType.UNPAUSE, CommandType.KILL);
    private static final Set<String> FLAGS = Set.of("force", "volumes", "idempotent");

    private final Submission submission;

    ChangeEndpoints(Submission submission) {
        this.submission = submission;
    }

    void addTo(Routes routes) {
        routes.add("POST", "/commands", Set.of(), request -> submit(request, Map.of()));
        routes.add("POST", "/containers/{image}/start", COMMON, request -> submit(request,
                Map.of("type", CommandType.CREATE.toString(), "image", request.part("image"))));
        for (CommandType verb : VERBS) {
            routes.add("POST", "/containers/instances/{id}/" + verb, parameters(verb),
                    request -> submit(request, aimed(verb, request)));
        }
        routes.add("DELETE", "/containers/instances/{id}", parameters(CommandType.REMOVE),
                request -> submit(request, aimed(CommandType.REMOVE, request)));
    }

    /** The fields that are short enough for a query. */
    private static Set<String> parameters(CommandType verb) {
        List<String> own = switch (verb) {
            case STOP, RESTART -> List.of("stop_grace_period", "signal");
            case KILL -> List.of("signal", "idempotent");
            case REMOVE -> List.of("force", "volumes");
            case START, PAUSE, UNPAUSE, CREATE, RENAME, UPDATE, REPLACE, PULL, CANCEL -> List.of();
        };
        var all = new java.util.TreeSet<>(COMMON);
        all.addAll(own);
        return all;
    }

    private static Map<String, Object> aimed(CommandType verb, Request request) {
        return Map.of("type", verb.toString(), "target", request.part("id"));
    }

    private Reply submit(Request request, Map<String, Object> path) throws IOException, Refused, ViewUnavailable {
        var said = new LinkedHashMap<String, Object>(path);
        for (Map.Entry<String, String> field : request.query().entrySet()) {
            said.put(field.getKey(), typed(field.getKey(), field.getValue()));
        }
        Optional<String> key = request.header("Idempotency-Key");
        if (key.isPresent()) {
            said.put("id", idFrom(key.get()).value());
        }
        return submission.submit(request.body(), said, Prefer.waiting(request));
    }

    /** A query knows text alone. What is neither is left to the command's decoder, which complains. */
    private static Object typed(String name, String value) {
        if (FLAGS.contains(name) && (value.equals("true") || value.equals("false"))) {
            return Boolean.valueOf(value);
        }
        return name.equals("deadline_seconds") && value.matches("[0-9]{1,9}") ? (Object) Long.valueOf(value) : value;
    }

    /** The header's draft standard writes the key in quotes; most clients do not. */
    private static CommandId idFrom(String key) throws Refused {
        boolean quoted = key.length() > 1 && key.startsWith("\"") && key.endsWith("\"");
        try {
            return new CommandId(quoted ? key.substring(1, key.length() - 1) : key);
        } catch (InvalidValue e) {
            throw new Refused(Reply.problem(400,
                    Failure.at("/id", ErrorCode.INVALID_COMMAND, "Idempotency-Key: " + e.getMessage())));
        }
    }
}
