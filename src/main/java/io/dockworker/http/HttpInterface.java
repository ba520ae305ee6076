package io.dockworker.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's HTTP interface. Each request has a virtual thread of its own, so that a slow client delays nobody but
 * itself.
 */
public final class HttpInterface implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpInterface.class);
    private static final int PORTS_TRIED = 100;
    /** Connections that wait to be taken; beyond it a client tries again only after a second. */
    private static final Logger LOG = LoggerFactory.getLogger(HttpInterface.class);
    private static final int BACKLOG = 512;
    /** The server copies each write whole before it sends it: in large pieces, slow readers would fill the heap. */
    private static final int PIECE_BYTES = 16 * 1024;

    /**
     * The bounds of the JDK's server can be given as system properties only; it reads them once, when the first server
     * is made. What a user has set himself stays.
     */
    private static final Map<String, String> BOUNDS = Map.of(
            // Seconds for a request to arrive whole.
            "sun.net.httpserver.maxReqTime", "10",
            // How long an answer may take is ours to say: a stream goes on as long as its reader stays.
            "sun.net.httpserver.maxRspTime", "-1", "jdk.httpserver.maxConnections", "512",
            "sun.net.httpserver.maxReqHeaderSize", "32768",
            // Read and thrown away after an early answer, so that a client which is still sending gets to see it.
            "sun.net.httpserver.drainAmount", "1048576",
            // Without it a second small write waits 40 ms for the client's acknowledgement.
            "sun.net.httpserver.nodelay", "true");

    private final HttpServer server;
    private final String host;
    private final ExecutorService threads;
    private final Guard guard;
    private final Routes routes = new Routes();
    private final OpenStreams streams = new OpenStreams();
    private final ClientOutput.Limits limits = new ClientOutput.Limits();
    private final RecordWatch watch;

    private HttpInterface(HttpServer server, ExecutorService threads, Listening listening, HttpParts parts) {
        this.server = server;
        host = listening.host();
        this.threads = threads;
        guard = new Guard(listening, server.getAddress().getAddress());
        watch = new RecordWatch(parts.records());
        var recent = new RecentCommands();
        new ContainerEndpoints(parts).addTo(routes);
        new LogEndpoint(parts).addTo(routes);
        new ChangeEndpoints(new Submission(parts, watch, recent)).addTo(routes);
        new CommandEndpoints(parts.records(), recent).addTo(routes);
        new FleetEndpoints(parts).addTo(routes);
        new StreamEndpoint(parts.records(), watch).addTo(routes);
        new OperationEndpoints(parts).addTo(routes);
    }

    /**
     * Listens, and answers from now on.
     *
     * @throws BindException if the port is taken and no other may be used
     * @throws IOException   if the host is no address of this machine
     */
    public static HttpInterface start(Listening listening, HttpParts parts) throws IOException {
        BOUNDS.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
        HttpServer server = bind(listening);
        if (listening.token().isEmpty() && !server.getAddress().getAddress().isLoopbackAddress()) {
            LOG.warn(
                    "HTTP listens at {}, beyond this machine, and has no token: all but /metrics and /health/* answers 401; "
                            + "set HTTP_TOKEN, or HTTP_HOST=127.0.0.1",
                    listening.host());
        }
        ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
        var http = new HttpInterface(server, threads, listening, parts);
        server.setExecutor(threads);
        server.createContext("/", http::serve);
        server.start();
        return http;
    }

    private static HttpServer bind(Listening listening) throws IOException {
        int last = listening.moveOn() ? Math.min(listening.port() + PORTS_TRIED, 65_535) : listening.port();
        for (int port = listening.port();; port++) {
            var address = new InetSocketAddress(listening.host(), port);
            if (address.isUnresolved()) {
                throw new IOException(listening.host() + " is no name or address that is known here");
            }
            try {
                return HttpServer.create(address, BACKLOG);
            } catch (BindException e) {
                if (port >= last) {
                    var said = new BindException(listening.host() + ":" + port + ": " + e.getMessage()
                            + "; stop what listens there, or set HTTP_PORT to another port");
                    said.initCause(e);
                    throw said;
                }
            }
        }
    }

    /** Where it listens in truth. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** What a client on this machine asks: the address or name as it was told, since it answers to few others. */
    public String url() {
        return url(host, server.getAddress());
    }

    static String url(String told, InetSocketAddress bound) {
        String host = bound.getAddress().isAnyLocalAddress() ? "127.0.0.1" : told;
        boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
        return "http://" + (bare ? "[" + host + "]" : host) + ":" + bound.getPort();
    }

    List<Routes.Route> routes() {
        return routes.all();
    }

    /** Takes no new requests and gives those under way a second. May be called twice. */
    @Override
    public void close() {
        server.stop(1);
        threads.shutdownNow();
        watch.close();
        limits.close();
    }

    private void serve(HttpExchange exchange) {
        try (exchange) {
            send(exchange, answer(exchange));
        } catch (IOException e) {
            // The client went away, or was too slow: its own affair.
            log.debug("{} {} was not answered: {}", exchange.getRequestMethod(), exchange.getRequestURI(),
                    e.toString());
        }
    }

    private Reply answer(HttpExchange exchange) throws IOException {
        try {
            Optional<Reply> refusal = guard.refusal(exchange);
            return refusal.isPresent() ? refusal.get() : routes.answer(exchange);
        } catch (RuntimeException e) {
            log.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
            return Reply.problem(500, "This is a fault of the worker; its log says more.");
        }
    }

    private void send(HttpExchange exchange, Reply reply) throws IOException {
        switch (reply.body()) {
            case Reply.Body.Whole(byte[] bytes) -> {
                begin(exchange, reply);
                try (var _ = limits.begin(ClientOutput.PATIENCE)) {
                    send(exchange, reply.status(), bytes);
                }
            }
            case Reply.Body.Stream(var writer, var source) -> {
                try (source) {
                    stream(exchange, reply, writer);
                }
            }
        }
    }

    private static void begin(HttpExchange exchange, Reply reply) {
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int start = 0; start < body.length; start += PIECE_BYTES) {
                out.write(body, start, Math.min(PIECE_BYTES, body.length - start));
            }
        }
    }

    private void stream(HttpExchange exchange, Reply reply, Reply.Writer writer) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            begin(exchange, reply);
            exchange.sendResponseHeaders(reply.status(), -1);
            return;
        }
        if (!streams.enter()) {
            send(exchange, Reply.away(OpenStreams.MOST + " streams are open, which is as many as there may be."));
            return;
        }
        try {
            begin(exchange, reply);
            exchange.sendResponseHeaders(reply.status(), 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.flush();
                writer.writeTo(new ClientOutput(out, limits, streams::written));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            streams.leave();
        }
    }
}
