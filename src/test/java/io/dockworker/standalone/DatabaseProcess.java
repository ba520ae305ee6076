package io.dockworker.standalone;

import io.dockworker.Server;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A real PostgreSQL server of one test's own, with every commit made durable, to be killed and frozen. */
public final class DatabaseProcess implements Server {
    private final Path directory;
    private final int port = Ports.anyFree();
    private PostgresServer server;

    /** Not started yet. */
    public DatabaseProcess(Path directory) throws IOException {
        this.directory = directory;
    }

    @Override
    public void start() throws IOException {
        try {
            if (server != null) {
                server.close();
                PostgresServer.endOrphan(directory);
            }
            server = PostgresServer.start(directory, port);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.toString());
        }
    }

    public int port() {
        return port;
    }

    /** With user and password. */
    public String url() {
        return server.url();
    }

    @Override
    public List<ProcessHandle> processes() throws IOException {
        ProcessHandle first = PostmasterPid.read(directory.resolve("data"))
                .flatMap(file -> ProcessHandle.of(file.pid())).orElseThrow();
        return Stream.concat(Stream.of(first), first.descendants()).toList();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
