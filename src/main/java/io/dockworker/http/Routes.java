package io.dockworker.http;

import com.sun.net.httpserver.HttpExchange;
import io.dockworker.http.ContainerView.ViewUnavailable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds who answers a request: the first route whose whole path matches, and whose method does. */
final class Routes {
    private static final Logger log = LoggerFactory.getLogger(Routes.class);

    /** Answers one kind of request. */
    @FunctionalInterface
    interface Handler {
        Reply handle(Request request) throws IOException, Refused, ViewUnavailable;
    }

    /** @param template the path, with names in braces for what varies */
    record Route(String method, String template, Set<String> parameters, Pattern path, Handler handler) {}

    private final List<Route> routes = new ArrayList<>();

    /** @param parameters that the query may have */
    void add(String method, String template, Set<String> parameters, Handler handler) {
        routes.add(new Route(method, template, Set.copyOf(parameters), pattern(template), handler));
    }

    /**
     * An image may hold slashes; but what begins with {@code instances/} speaks of one container, never of an image that
     * is named so.
     */
    private static Pattern pattern(String template) {
        return Pattern.compile(template.replace(".", "\\.").replace("{image}", "(?!instances/)(?<image>.+)")
                .replaceAll("\\{([a-z]+)}", "(?<$1>[^/]+)"));
    }

    List<Route> all() {
        return List.copyOf(routes);
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
                    try {
                        return route.handler().handle(Request.of(exchange, match, route.parameters()));
                    } catch (Refused refused) {
                        return refused.reply();
                    } catch (ViewUnavailable e) {
                        log.warn("the records cannot be read", e);
                        return Reply.away("The records cannot be read at present.");
                    }
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
