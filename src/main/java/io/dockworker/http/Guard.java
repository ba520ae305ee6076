package io.dockworker.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides who may ask at all. Two dangers are met. Someone on the network: beyond this machine a token is needed. A web
 * page in the browser of someone on this machine: it can send requests to 127.0.0.1, by a name of its own that resolves
 * there (so the names that we answer to are few) or across origins (so a change from another origin is refused).
 */
final class Guard {
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:%.*)?\\]?");
    /** As a container network, a hosts file or a search domain has them: no stranger's domain is without a dot. */
    private static final Pattern LOCAL_NAME = Pattern.compile("[a-z0-9_-]+");
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");
    private static final String BEARER = "bearer ";

    private final String listensAt;
    private final boolean loopback;
    private final Optional<String> token;

    Guard(Listening listening, InetAddress bound) {
        listensAt = listening.host().toLowerCase(Locale.ROOT);
        loopback = bound.isLoopbackAddress();
        token = listening.token();
    }

    /** A refusal; empty: go on. */
    Optional<Reply> refusal(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        boolean free = isFree(exchange.getRequestURI().getPath());
        String host = Optional.ofNullable(headers.getFirst("Host")).orElse("").toLowerCase(Locale.ROOT);
        if (!isOurs(host, free)) {
            return Optional.of(Reply.problem(403, "This worker does not answer to the name \"" + host
                    + "\"; use one that it listens at, or set HTTP_HOST to that name. Beyond its own machine it answers to "
                    + "every address and to every name without dots, too; a proxy before it must send one of these."));
        }
        if (!free && !isAdmitted(headers)) {
            return Optional.of(Reply.problem(401, unauthorized()).with("WWW-Authenticate", "Bearer"));
        }
        String origin = headers.getFirst("Origin");
        if (origin != null && !READING.contains(exchange.getRequestMethod()) && !isSameOrigin(origin, host)) {
            return Optional.of(Reply.problem(403, "Changes are not taken from pages of another origin: " + origin));
        }
        return Optional.empty();
    }

    /** What monitors ask, which have no token. */
    private static boolean isFree(String path) {
        return path.equals("/metrics") || path.startsWith("/health/");
    }

    /**
     * On an address of the network not all names that lead to us are ours to know, so all pass that nobody can have
     * resolve as he likes. Monitors may use any: behind an address of the network, what they read is for all to see.
     */
    private boolean isOurs(String host, boolean free) {
        String name = PORT.matcher(host).replaceFirst("");
        if (LOOPBACK_NAMES.contains(name) || name.equals(listensAt) || name.equals("[" + listensAt + "]")) {
            return true;
        }
        return !loopback && (free || ADDRESS.matcher(name).matches() || LOCAL_NAME.matcher(name).matches());
    }

    private boolean isAdmitted(Headers headers) {
        if (token.isEmpty()) {
            return loopback;
        }
        String sent = Optional.ofNullable(headers.getFirst("Authorization")).orElse("");
        return sent.toLowerCase(Locale.ROOT).startsWith(BEARER)
                && MessageDigest.isEqual(sent.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8),
                        token.get().getBytes(StandardCharsets.UTF_8));
    }

    private String unauthorized() {
        return token.isPresent()
                ? "Send the worker's HTTP_TOKEN as \"Authorization: Bearer <token>\"."
                : "This worker listens beyond its own machine and has no token. Set HTTP_TOKEN, restart it and send "
                        + "\"Authorization: Bearer <token>\"; or set HTTP_HOST to 127.0.0.1.";
    }

    private static boolean isSameOrigin(String origin, String host) {
        String lower = origin.toLowerCase(Locale.ROOT);
        return lower.equals("http://" + host) || lower.equals("https://" + host);
    }
}
