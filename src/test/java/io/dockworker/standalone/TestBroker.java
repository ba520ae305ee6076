package io.dockworker.standalone;

import java.io.IOException;
import java.nio.file.Path;

/** A real broker of one test's own, which can go away and come back with what it had. */
public final class TestBroker implements AutoCloseable {
    private final Path directory;
    private final int port = Ports.anyFree();
    private KafkaServer server;

    /** Not started yet. */
    public TestBroker(Path directory) throws IOException {
        this.directory = directory;
    }

    public void start() throws IOException {
        server = KafkaServer.start(directory, port);
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Goes away in order; to its clients it looks the same as any other end. */
    @Override
    public void close() {
        server.close();
    }
}
