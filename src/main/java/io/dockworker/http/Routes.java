package io.dockworker.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds who answers a request: the first route whose whole path matches, and whose method does. */
final class Routes {
    /** Answers one kind of request. */
    @FunctionalInterface
    interface Handler {
        Reply handle(Request request) throws IOException;
    }

    private record Route(String method, Pattern path, Handler handler) {}

    private final List<Route> routes = new ArrayList<>();

    /** @param path a regular expression over the decoded path */
    Routes add(String method, String path, Handler handler) {
        routes.add(new Route(method, Pattern.compile(path), handler));
        return this;
    }

    Reply answer(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().toString().contains("%00")) {
            return Reply.problem(400, "A NUL character (%00) can be part of no name, id or value.");
        }
        String path = exchange.getRequestURI().getPath();
        // The body of an answer to HEAD is left out where it is sent.
        String method = exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
        var allowed = new TreeSet<String>();
        for (Route route : routes) {
            var match = route.path().matcher(path);
            if (match.matches()) {
                if (route.method().equals(method)) {
                    return route.handler().handle(new Request(exchange, match));
                }
                allowed.add(route.method());
            }
        }
        return allowed.isEmpty()
                ? Reply.problem(404, "There is nothing at " + path + ".")
                : Reply.problem(405, "Use " + String.join(" or ", allowed) + " here.").with("Allow",
                        String.join(", ", allowed));
    }
}
