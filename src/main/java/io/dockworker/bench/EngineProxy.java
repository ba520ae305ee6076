package io.dockworker.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A witness between a worker and its engine. It forwards all that comes to its socket, and notes each request in a file,
 * as a line of JSON: when it was forwarded, method, path, and with which status the engine answered. It outlives the
 * worker, so that it also sees answers which that one did not live to get.
 *
 * <p>Each connection carries one request, which the proxy asks for by {@code Connection: close}. So it has to understand
 * no more than the heads; whatever follows them, such as a stream, goes through as it is, in both directions.
 */
final class EngineProxy implements AutoCloseable {
    private static final int MAX_HEAD_BYTES = 1 << 20;

    private final ServerSocketChannel server;
    private final Path engine;
    private final BufferedWriter log;
    /** What the engine has not answered yet, by when it was forwarded. */
    private final Map<Head, Instant> open = new ConcurrentHashMap<>();

    private EngineProxy(ServerSocketChannel server, Path engine, BufferedWriter log) {
        this.server = server;
        this.engine = engine;
        this.log = log;
    }

    /**
     * @param socket where it listens, a new file
     * @param engine the engine's own socket
     */
    static EngineProxy start(Path socket, Path engine, Path log) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket), 128);
            var proxy = new EngineProxy(server, engine, Files.newBufferedWriter(log));
            Thread.ofVirtual().name("engine proxy").start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // It is closed.
        }
    }

    private void serve(SocketChannel accepted) {
        try (SocketChannel client = accepted;
                SocketChannel upstream = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Head request = Head.read(client);
            if (request.isEmpty()) {
                return;
            }
            upstream.connect(UnixDomainSocketAddress.of(engine));
            Instant at = Instant.now();
            open.put(request, at);
            write(upstream, request.alone());
            Thread.ofVirtual().start(() -> forwardBody(client, upstream));
            Head answer;
            try {
                answer = Head.read(upstream);
            } catch (IOException _) {
                answer = Head.NONE;
            }
            if (open.remove(request) != null) {
                note(at, request, answer.status());
            }
            write(client, answer.all());
            copy(upstream, client);
        } catch (IOException _) {
            // One of the two has gone; what was to be noted is.
        }
    }

    /** A client that dies ends its half alone: what the engine answers is to be seen all the same. */
    private static void forwardBody(SocketChannel client, SocketChannel upstream) {
        try {
            copy(client, upstream);
            upstream.shutdownOutput();
        } catch (IOException _) {
            // The answer is over.
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
        while (from.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
            buffer.clear();
        }
    }

    private static void write(SocketChannel to, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    private void note(Instant at, Head request, OptionalInt status) throws IOException {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("at", at.toString())
                .put("answered_at", Instant.now().toString()).put("method", request.word(0))
                .put("path", request.word(1));
        if (status.isPresent()) {
            line.put("status", status.getAsInt());
        } else {
            line.putNull("status");
        }
        synchronized (log) {
            log.write(line + "\n");
            log.flush();
        }
    }

    /** Notes what is still with the engine as that to which it gave no answer. */
    void noteUnanswered() throws IOException {
        for (Head request : List.copyOf(open.keySet())) {
            Instant at = open.remove(request);
            if (at != null) {
                note(at, request, OptionalInt.empty());
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        synchronized (log) {
            log.close();
        }
    }

    /**
     * What comes before a body: a line and headers.
     *
     * @param lines empty if nothing came
     * @param rest  what was read beyond it
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Head(List<String> lines, byte[] rest) {
        static final Head NONE = new Head(List.of(), new byte[0]);
        private static final String END = "\r\n\r\n";

        static Head read(SocketChannel from) throws IOException {
            var text = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
            while (text.indexOf(END) < 0) {
                buffer.clear();
                if (text.length() > MAX_HEAD_BYTES || from.read(buffer) < 0) {
                    return NONE;
                }
                text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
            }
            int end = text.indexOf(END);
            return new Head(List.of(text.substring(0, end).split("\r\n")),
                    text.substring(end + END.length()).getBytes(StandardCharsets.ISO_8859_1));
        }

        boolean isEmpty() {
            return lines.isEmpty();
        }

        String word(int index) {
            return lines.getFirst().split(" ", 3)[index];
        }

        OptionalInt status() {
            return isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(word(1)));
        }

        byte[] all() {
            return isEmpty() ? rest : bytes(lines);
        }

        /** As the only one of its connection; one that asks for another protocol is that anyway. */
        byte[] alone() {
            boolean upgrade = lines.stream().anyMatch(line -> line.regionMatches(true, 0, "upgrade:", 0, 8));
            if (upgrade) {
                return bytes(lines);
            }
            List<String> closing = new ArrayList<>(lines);
            closing.removeIf(line -> line.regionMatches(true, 0, "connection:", 0, 11));
            closing.add("Connection: close");
            return bytes(closing);
        }

        private byte[] bytes(List<String> shown) {
            byte[] head = (String.join("\r\n", shown) + END).getBytes(StandardCharsets.ISO_8859_1);
            byte[] whole = new byte[head.length + rest.length];
            System.arraycopy(head, 0, whole, 0, head.length);
            System.arraycopy(rest, 0, whole, head.length, rest.length);
            return whole;
        }
    }
}
