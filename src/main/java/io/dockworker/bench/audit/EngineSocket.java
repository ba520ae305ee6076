package io.dockworker.bench.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An engine, asked over its socket with nothing but the JDK. In HTTP/1.0 the answer ends with the connection, so that
 * there is no framing to get wrong.
 */
public record EngineSocket(Path socket) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int GONE = 404;

    /** @param body missing where the engine sent no JSON */
    public record Answer(int status, JsonNode body) {
        public boolean isDone() {
            return status < 300 || status == 304;
        }

        /** An engine that cannot say what it has is not one that has nothing. */
        private Answer orThrow() throws IOException {
            if (status != 200) {
                throw new IOException("the engine answered " + status + ": " + body);
            }
            return this;
        }
    }

    public Answer get(String path) throws IOException {
        return ask("GET", path, null);
    }

    /** @param body null for none */
    public Answer ask(String method, String path, JsonNode body) throws IOException {
        try (Lines lines = open(method, path, body)) {
            int status = lines.status();
            String text = lines.rest();
            boolean isJson = text.startsWith("{") || text.startsWith("[");
            return new Answer(status, isJson ? JSON.readTree(text) : MissingNode.getInstance());
        }
    }

    /** All containers, running or not, that bear the label, each as an inspection shows it. */
    public List<JsonNode> containers(String label) throws IOException {
        List<JsonNode> containers = new ArrayList<>();
        for (String id : ids(label)) {
            Answer inspected = get("/containers/" + id + "/json");
            if (inspected.status() != GONE) {
                containers.add(inspected.orThrow().body());
            }
        }
        return containers;
    }

    /** The ids of all containers, running or not, that bear the label. */
    public List<String> ids(String label) throws IOException {
        String filters = URLEncoder.encode("{\"label\":[\"" + label + "\"]}", StandardCharsets.UTF_8);
        List<String> ids = new ArrayList<>();
        get("/containers/json?all=1&filters=" + filters).orThrow().body()
                .forEach(listed -> ids.add(listed.path("Id").asText()));
        return ids;
    }

    /** Opens a stream of lines, such as that of the engine's events. */
    public Lines follow(String path) throws IOException {
        Lines lines = open("GET", path, null);
        int status = lines.status();
        if (status != 200) {
            lines.close();
            throw new IOException(path + ": the engine answered " + status);
        }
        return lines;
    }

    private Lines open(String method, String path, JsonNode body) throws IOException {
        byte[] content = body == null ? new byte[0] : body.toString().getBytes(StandardCharsets.UTF_8);
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String head = method + " " + path + " HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + content.length + "\r\n\r\n";
            write(channel, head.getBytes(StandardCharsets.US_ASCII));
            write(channel, content);
            return new Lines(channel, Channels.newInputStream(channel));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    /** An answer, line by line. Closing it ends a read that is under way in another thread. */
    public static final class Lines implements AutoCloseable {
        private final SocketChannel channel;
        private final BufferedReader reader;

        private Lines(SocketChannel channel, InputStream in) {
            this.channel = channel;
            this.reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        }

        private int status() throws IOException {
            String first = reader.readLine();
            if (first == null) {
                throw new IOException("the engine gave no answer");
            }
            String line = first;
            while (line != null && !line.isEmpty()) {
                line = reader.readLine();
            }
            return Integer.parseInt(first.split(" ", 3)[1]);
        }

        private String rest() throws IOException {
            var text = new StringBuilder();
            for (String line = next(); line != null; line = next()) {
                text.append(line).append('\n');
            }
            return text.toString();
        }

        /** @return null at the end */
        public String next() throws IOException {
            return reader.readLine();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
