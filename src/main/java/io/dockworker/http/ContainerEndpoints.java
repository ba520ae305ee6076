package io.dockworker.http;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ContainerId;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.ImageName;
import io.dockworker.command.InvalidValue;
import io.dockworker.http.CommandPublisher.PublishingFailed;
import io.dockworker.http.ContainerView.Lookup;
import io.dockworker.http.ContainerView.ViewUnavailable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The original system's three endpoints. */
final class ContainerEndpoints {
    private static final Logger log = LoggerFactory.getLogger(ContainerEndpoints.class);
    /** What begins with {@code instances/} speaks of one container, never of an image that is named so. */
    private static final String IMAGE = "/containers/(?!instances/)(?<image>.+)";

    private final HttpParts parts;
    private final FreshId ids;

    ContainerEndpoints(HttpParts parts) {
        this.parts = parts;
        ids = new FreshId(parts.clock());
    }

    void addTo(Routes routes) {
        routes.add("POST", IMAGE + "/start", this::create);
        routes.add("GET", IMAGE + "/instances", this::instances);
        routes.add("GET", "/containers/instances/(?<id>[^/]+)/health", this::health);
    }

    private Reply create(Request request) throws IOException {
        ImageName image;
        CommandId id;
        try {
            image = new ImageName(request.part("image"));
            id = request.header("Idempotency-Key").map(ContainerEndpoints::idFrom).orElseGet(ids::next);
        } catch (InvalidValue e) {
            return Reply.problem(400, Failure.of(ErrorCode.INVALID_COMMAND, e.getMessage()));
        }
        Optional<byte[]> body = request.body();
        if (body.isEmpty()) {
            return Reply.problem(413, "A body has at most " + Request.MAX_BODY_BYTES + " bytes.");
        }
        return switch (parts.creates().read(image, body.get(), id)) {
            case CreateRequestReader.Reading.Refused(Failure failure) -> Reply.problem(statusOf(failure), failure);
            case CreateRequestReader.Reading.Understood(Command command) -> publish(command);
        };
    }

    private Reply publish(Command command) {
        try {
            parts.publisher().publish(command);
        } catch (PublishingFailed e) {
            log.warn("command {} was not acknowledged by Kafka", command.id(), e);
            return Reply.problem(503, "Kafka did not acknowledge the command; it may still be stored. Send it again "
                    + "with \"Idempotency-Key: " + command.id() + "\", and it runs once.").with("Retry-After", "5");
        }
        var accepted = new LinkedHashMap<String, Object>();
        accepted.put("command_id", command.id().value());
        accepted.put("status", "accepted");
        return Reply.json(202, accepted).with("Location", "/commands/" + command.id());
    }

    private Reply instances(Request request) {
        try {
            var image = new ImageName(request.part("image"));
            return Reply.json(200, parts.containers().instances(image).stream().map(ContainerJson::of).toList());
        } catch (InvalidValue e) {
            return Reply.problem(400, Failure.of(ErrorCode.INVALID_COMMAND, e.getMessage()));
        } catch (ViewUnavailable e) {
            return unavailable(e);
        }
    }

    private Reply health(Request request) {
        String reference = request.part("id");
        try {
            return switch (parts.containers().find(reference)) {
                case Lookup.Found(var managed) -> health(managed.container().id());
                case Lookup.NotFound() -> Reply.problem(404,
                        Failure.of(ErrorCode.NOT_FOUND, "No managed container is called \"" + reference + "\"."));
                case Lookup.Ambiguous() -> Reply.problem(400, Failure.of(ErrorCode.AMBIGUOUS_TARGET,
                        "Several containers' ids begin with \"" + reference + "\"; give more digits."));
            };
        } catch (ViewUnavailable e) {
            return unavailable(e);
        }
    }

    private Reply health(ContainerId id) throws ViewUnavailable {
        return parts.containers().latestHealth(id).map(sample -> Reply.json(200, parts.healthJson().apply(sample)))
                .orElseGet(() -> Reply.problem(404,
                        Failure.retryable(ErrorCode.NOT_FOUND, "There is no health sample of this container yet.")));
    }

    private static Reply unavailable(ViewUnavailable e) {
        log.warn("the records cannot be read", e);
        return Reply.problem(503, "The records cannot be read at present.").with("Retry-After", "5");
    }

    /** The header's draft standard writes the key in quotes; most clients do not. */
    private static CommandId idFrom(String key) {
        boolean quoted = key.length() > 1 && key.startsWith("\"") && key.endsWith("\"");
        return new CommandId(quoted ? key.substring(1, key.length() - 1) : key);
    }

    private static int statusOf(Failure failure) {
        return failure.code() == ErrorCode.POLICY_DENIED || failure.code() == ErrorCode.NOT_MANAGED ? 403 : 400;
    }
}
