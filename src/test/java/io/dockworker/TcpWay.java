package io.dockworker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A way over TCP, on 127.0.0.1, to what listens on a Unix socket. */
final class TcpWay implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel server;

    TcpWay(Path socket) throws IOException {
        this.socket = socket;
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(this::serve);
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                SocketChannel behind = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                Thread.ofVirtual().start(() -> carry(client, behind));
                Thread.ofVirtual().start(() -> carry(behind, client));
            }
        } catch (IOException _) {
            // Closed.
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
    }
}
