package io.dockworker;

import io.dockworker.docker.DockerConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server that can be cut or muted: for an engine's stream of events alone, or for all that use it. */
final class Way implements AutoCloseable {
    private final ServerSocketChannel server;
    private final SocketAddress behind;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final Set<SocketChannel> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean streamCut;
    private volatile Optional<String> muted = Optional.empty();

    private Way(ServerSocketChannel server, SocketAddress behind) {
        this.server = server;
        this.behind = behind;
        Thread.ofVirtual().start(this::serve);
    }

    /** Through a Unix socket. */
    static Way at(Path socket, SocketAddress behind) throws IOException {
        return new Way(ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket)),
                behind);
    }

    /** Through a port of 127.0.0.1. */
    static Way onAnyPort(SocketAddress behind) throws IOException {
        return new Way(ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                behind);
    }

    /** The engine of this machine, for a way to lead to. */
    static SocketAddress localEngine() {
        return UnixDomainSocketAddress.of(DockerConnection.LOCAL.host().getPath());
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
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

    /** Whoever asks for this gets no answer until it is mended. */
    void mute(String asked) {
        muted = Optional.of(asked);
    }

    void mend() {
        muted = Optional.empty();
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
            String request = StandardCharsets.UTF_8.decode(begin.duplicate()).toString();
            boolean stream = request.contains("/events?");
            if (stream && streamCut) {
                return;
            }
            open.add(client);
            if (stream) {
                streams.add(client);
            }
            if (muted.filter(request::contains).isPresent()) {
                while (client.read(begin.clear()) >= 0) {
                    // Until the other end has had enough.
                }
                return;
            }
            try (SocketChannel onward = SocketChannel.open(behind)) {
                onward.write(begin);
                Thread.ofVirtual().start(() -> carry(client, onward));
                carry(onward, client);
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
