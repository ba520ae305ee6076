package io.dockworker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to an engine's socket that can be cut: for its stream of events alone, or for all calls. */
final class EngineWay implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel server;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final Set<SocketChannel> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean streamCut;

    EngineWay(Path path, Path socket) throws IOException {
        this.socket = socket;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().start(this::serve);
    }

    /** No stream of events gets through until it is mended. */
    void cutStream() throws IOException {
        streamCut = true;
        closeAll(streams);
    }

    /** Nothing gets through until it is mended, as with an engine that is being restarted. */
    void cut() throws IOException {
        cut = true;
        closeAll(open);
    }

    void mend() {
        cut = false;
        streamCut = false;
    }

    private static void closeAll(Set<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
        channels.clear();
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            ByteBuffer begin = ByteBuffer.allocate(16 << 10);
            if (client.read(begin) <= 0 || cut) {
                return;
            }
            begin.flip();
            boolean stream = StandardCharsets.UTF_8.decode(begin.duplicate()).toString().contains("/events?");
            if (stream && streamCut) {
                return;
            }
            open.add(client);
            if (stream) {
                streams.add(client);
            }
            try (SocketChannel behind = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                behind.write(begin);
                Thread.ofVirtual().start(() -> carry(client, behind));
                carry(behind, client);
            }
        } catch (IOException _) {
            // The other end is gone.
        } finally {
            open.remove(client);
            streams.remove(client);
        }
    }

    /** Either end closes both. */
    private static void carry(ByteChannel from, ByteChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
        try (from; to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException _) {
            // The other end is gone.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        closeAll(open);
    }
}
