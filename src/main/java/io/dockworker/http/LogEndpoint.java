package io.dockworker.http;

import io.dockworker.command.ErrorCode;
import io.dockworker.command.Failure;
import io.dockworker.http.ContainerView.ViewUnavailable;
import io.dockworker.http.LogSource.Opening;
import io.dockworker.journal.ManagedContainer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a container of this worker's engine has written. */
final class LogEndpoint {
    private static final int PIECE_BYTES = 16 * 1024;

    private final HttpParts parts;

    LogEndpoint(HttpParts parts) {
        this.parts = parts;
    }

    void addTo(Routes routes) {
        routes.add("GET", "/containers/instances/{id}/logs", Set.of("tail", "since", "timestamps", "follow"),
                this::logs);
    }

    private Reply logs(Request request) throws Refused, ViewUnavailable {
        var wish = new LogSource.Wish(tail(request), request.time("since"), request.flag("timestamps"),
                request.flag("follow"));
        ManagedContainer container = ContainerReferences.require(parts.containers(), request.part("id"));
        return switch (parts.logs().open(container, wish)) {
            case Opening.Opened(InputStream bytes) ->
                Reply.stream("text/plain; charset=utf-8", out -> copy(bytes, out), bytes);
            case Opening.OnHost(var host) -> Reply.problem(409, Failure.of(ErrorCode.UNSUPPORTED,
                    "The container is on host " + host + "; ask the worker there for its log."));
            case Opening.Gone() -> Reply.problem(404,
                    Failure.at("/target", ErrorCode.NOT_FOUND, "The engine does not have this container any more."));
            case Opening.NotKept(String message) -> Reply.problem(409, Failure.of(ErrorCode.UNSUPPORTED, message));
            case Opening.Away(String message) -> Reply.away(message);
        };
    }

    private static void copy(InputStream in, ClientOutput out) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            out.write(piece, read);
        }
    }

    private static OptionalInt tail(Request request) throws Refused {
        Optional<String> tail = request.parameter("tail");
        if (tail.isEmpty() || tail.get().equals("all")) {
            return OptionalInt.empty();
        }
        if (!tail.get().matches("[0-9]{1,9}")) {
            throw Refused.parameter("tail", "write how many lines, or all");
        }
        return OptionalInt.of(Integer.parseInt(tail.get()));
    }
}
