package io.dockworker.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** A server on a unix socket that answers as a test says, badly as a rule. Pings it answers well unless told. */
final class ScriptedEngine implements AutoCloseable {
    /** What it does with a request once it has read it. */
    interface Script {
        void react(String request, OutputStream answer) throws IOException, InterruptedException;
    }

    /** Never answers, and keeps the connection. */
    static final Script SILENT = (_, _) -> new CountDownLatch(1).await();
    /** Closes the connection without a word. */
    static final Script DROPPING = (_, _) -> {};

    private final Path path;
    private final ServerSocketChannel server;
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    volatile String apiVersion = "1.41";
    volatile Script script;
    volatile Optional<Script> ping = Optional.empty();

    ScriptedEngine(Path path, Script script) throws IOException {
        this.path = path;
        this.script = script;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        threads.add(Thread.ofVirtual().start(this::accept));
    }

    static Script answering(int status, String json) {
        return (_, answer) -> respond(answer, status, status == 307 ? "Location: /elsewhere\r\n" : "", json);
    }

    static DockerConnection connection(Path path) {
        return new DockerConnection(URI.create("unix://" + path), Optional.empty());
    }

    /** Begins an answer without saying how long it is. */
    static void stream(OutputStream answer, String... lines) throws IOException {
        answer.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n".getBytes(
                StandardCharsets.UTF_8));
        for (String line : lines) {
            answer.write(line.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The first lines of all requests but pings. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                threads.add(Thread.ofVirtual().start(() -> serve(connection)));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            // As a server that keeps connections alive would, so that a client which reuses them is found out.
            while (true) {
                String head = head(Channels.newInputStream(connection));
                if (head.isEmpty()) {
                    return;
                }
                String request = head.lines().findFirst().orElseThrow();
                OutputStream answer = Channels.newOutputStream(connection);
                if (request.startsWith("GET /_ping")) {
                    if (ping.isPresent()) {
                        ping.get().react(request, answer);
                        return;
                    }
                    respond(answer, 200, "Api-Version: " + apiVersion + "\r\n", "OK");
                } else {
                    requests.add(request);
                    script.react(request, answer);
                    return;
                }
            }
        } catch (IOException | InterruptedException _) {
            // The client or the test has gone.
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void respond(OutputStream answer, int status, String header, String body) throws IOException {
        answer.write(("HTTP/1.1 " + status + " Whatever\r\n" + header + "Content-Length: " + body.length()
                + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.forEach(Thread::interrupt);
        Files.deleteIfExists(path);
    }
}
