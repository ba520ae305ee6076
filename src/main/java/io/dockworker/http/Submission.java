package io.dockworker.http;

import io.dockworker.command.Command;
import io.dockworker.command.CommandId;
import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.command.HostId;
import io.dockworker.command.Target;
import io.dockworker.http.CommandPublisher.PublishingFailed;
import io.dockworker.http.ContainerView.Lookup;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.journal.CommandViews;
import io.dockworker.wire.CommandDecoder;
import io.dockworker.wire.CommandEncoder;
import io.dockworker.wire.ContentHash;
import io.dockworker.wire.Decoded;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of a request for a change: understood, checked, published as a command, and perhaps waited for. */
final class Submission {
    private static final Logger log = LoggerFactory.getLogger(Submission.class);

    private final HttpParts parts;
    private final RecordWatch watch;
    private final RecentCommands recent;
    private final FreshId ids;
    private final CommandDecoder decoder = new CommandDecoder();
    private final CommandEncoder encoder = new CommandEncoder();

    Submission(HttpParts parts, RecordWatch watch, RecentCommands recent) {
        this.parts = parts;
        this.watch = watch;
        this.recent = recent;
        ids = new FreshId(parts.clock());
    }

    /**
     * @param said fields that stand outside the body
     * @param wait for the result, if the client wants to
     */
    Reply submit(byte[] body, Map<String, Object> said, Optional<Duration> wait) throws Refused, ViewUnavailable {
        CommandId fresh = ids.next();
        Decoded.Accepted accepted = switch (decoder.decodeRequest(body, said, fresh.value())) {
            case Decoded.Accepted understood -> understood;
            case Decoded.Rejected rejected ->
                throw new Refused(Reply.problem(statusOf(rejected.failure()), rejected.failure()));
            case Decoded.NoCommand(var _, String message) ->
                throw new Refused(Reply.problem(400, Failure.of(ErrorCode.INVALID_COMMAND, message)));
        };
        Command command = accepted.command();
        if (encoder.encode(command).length > Request.MAX_BODY_BYTES) {
            throw new Refused(Reply.problem(400, Failure.of(ErrorCode.INVALID_COMMAND, "Written out with its defaults, "
                    + "the command exceeds the " + Request.MAX_BODY_BYTES + " bytes of a record.")));
        }
        boolean repeated = !command.id().equals(fresh) && isKnown(command.id(), accepted.hash());
        if (!repeated) {
            requireKnownHost(command);
            String key = keyOf(command);
            Optional<RecentCommands.Sent> rival = recent.add(command, accepted.hash());
            if (rival.isEmpty()) {
                publish(command, key);
            } else {
                same(command.id(), rival.get().hash().bytes(), accepted.hash());
            }
        }
        return wait.isPresent() || repeated
                ? answer(command.id(), accepted.hash(), wait)
                : accepted(command.id(), CommandJson.ACCEPTED);
    }

    private void publish(Command command, String key) throws Refused {
        try {
            parts.publisher().publish(command, key);
        } catch (PublishingFailed e) {
            recent.remove(command.id());
            log.warn("command {} was not acknowledged by Kafka", command.id(), e);
            throw new Refused(Reply.away("Kafka did not acknowledge the command; it may still be stored. Send it again "
                    + "with \"Idempotency-Key: " + command.id() + "\", and it runs once."));
        }
    }

    /** Whether the id was used before, for the same. */
    private boolean isKnown(CommandId id, ContentHash hash) throws Refused, ViewUnavailable {
        Optional<byte[]> earlier = parts.records().command(id).map(CommandViews.View::contentHash)
                .or(() -> recent.find(id).map(sent -> sent.hash().bytes()));
        if (earlier.isPresent()) {
            same(id, earlier.get(), hash);
        }
        return earlier.isPresent();
    }

    private static void same(CommandId id, byte[] earlier, ContentHash hash) throws Refused {
        if (!Arrays.equals(earlier, hash.bytes())) {
            throw new Refused(Reply.problem(422, "The id " + id + " is spent on another command; give every command an "
                    + "Idempotency-Key of its own, or none.", Optional.of("ID_REUSED"), Optional.of("/id")));
        }
    }

    /** One that is lost may come back. */
    private void requireKnownHost(Command command) throws Refused, ViewUnavailable {
        Optional<HostId> host = command.header().host();
        if (host.isPresent() && !parts.records().isKnownHost(host.get())) {
            throw new Refused(Reply.problem(404, Failure.at("/host", ErrorCode.UNKNOWN_HOST,
                    "No host " + host.get() + " has ever reported; GET /hosts lists those that have.")));
        }
    }

    /** The key that keeps it in order with others of the same container: by its name, whichever way it was named here. */
    private String keyOf(Command command) throws Refused, ViewUnavailable {
        if (!(command instanceof Command.Aimed aimed) || !(aimed.target() instanceof Target.One one)) {
            return command.key();
        }
        String reference = one.reference();
        Lookup found = parts.containers().find(reference);
        if (found instanceof Lookup.NotFound) {
            if (isToCome(reference)) {
                return reference;
            }
            // What was to come may have come between the two questions.
            found = parts.containers().find(reference);
        }
        return switch (found) {
            case Lookup.Found(var managed) -> managed.container().name();
            case Lookup other -> throw ContainerReferences.refusal(reference, other);
        };
    }

    /** Whether a command that has not ended gives this name to a container. */
    private boolean isToCome(String name) throws ViewUnavailable {
        Set<CommandId> sent = recent.naming(name);
        return parts.records().ended(sent).size() < sent.size() || parts.containers().isToCome(name);
    }

    private Reply answer(CommandId id, ContentHash hash, Optional<Duration> wait) throws Refused {
        Optional<CommandViews.View> known = wait.flatMap(limit -> ended(id, limit)).or(() -> now(id));
        if (known.isPresent()) {
            // Somebody else's command under this id may have overtaken it on the way.
            same(id, known.get().contentHash(), hash);
        }
        Reply reply = known.filter(view -> wait.isPresent() && view.result().isPresent())
                .map(view -> Reply.json(200, CommandJson.result(view)))
                .orElseGet(() -> accepted(id, known.map(CommandJson::status).orElse(CommandJson.ACCEPTED)));
        return wait.map(limit -> reply.with("Preference-Applied", "wait=" + limit.toSeconds())).orElse(reply);
    }

    private Optional<CommandViews.View> ended(CommandId id, Duration limit) {
        try {
            return watch.awaitEnd(id, limit);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** It is published: that its record cannot be read makes no failure of it. */
    private Optional<CommandViews.View> now(CommandId id) {
        try {
            return parts.records().command(id);
        } catch (ViewUnavailable _) {
            return Optional.empty();
        }
    }

    private static Reply accepted(CommandId id, String status) {
        var accepted = new LinkedHashMap<String, Object>();
        accepted.put("command_id", id.value());
        accepted.put("status", status);
        return Reply.json(202, accepted).with("Location", "/commands/" + id);
    }

    private static int statusOf(Failure failure) {
        return failure.code() == ErrorCode.POLICY_DENIED || failure.code() == ErrorCode.NOT_MANAGED ? 403 : 400;
    }
}
