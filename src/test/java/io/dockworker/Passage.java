package io.dockworker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a server on which everything can be late, and which can be closed: then connections are refused. */
final class Passage implements AutoCloseable {
    private final SocketAddress here;
    private final SocketAddress behind;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private ServerSocketChannel server;
    private volatile Duration late = Duration.ZERO;

    /** @param here a Unix socket, or a port of 127.0.0.1; port 0: any */
    Passage(SocketAddress here, SocketAddress behind) throws IOException {
        this.behind = behind;
        server = opened(here);
        this.here = server.getLocalAddress();
    }

    /** A port of 127.0.0.1. */
    static SocketAddress port(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    int port() {
        return ((InetSocketAddress) here).getPort();
    }

    private ServerSocketChannel opened(SocketAddress at) throws IOException {
        ServerSocketChannel opened = at instanceof UnixDomainSocketAddress socket
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(socket)
                : ServerSocketChannel.open().bind(at);
        Thread.ofVirtual().start(() -> serve(opened));
        return opened;
    }

    /** From now on each way takes so much longer. */
    void delay(Duration each) {
        late = each;
    }

    /** Connections end, and none is accepted. */
    void refuse() throws IOException {
        close();
    }

    /** All is as it was at first. */
    void mend() throws IOException {
        late = Duration.ZERO;
        if (!server.isOpen()) {
            if (here instanceof UnixDomainSocketAddress socket) {
                Files.delete(socket.getPath());
            }
            server = opened(here);
        }
    }

    private void serve(ServerSocketChannel accepting) {
        try {
            while (true) {
                SocketChannel client = accepting.accept();
                open.add(client);
                if (accepting.isOpen()) {
                    Thread.ofVirtual().start(() -> serve(client));
                } else {
                    client.close();
                }
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(SocketChannel client) {
        try (client; SocketChannel onward = SocketChannel.open(behind)) {
            atOnce(client);
            atOnce(onward);
            Thread.ofVirtual().start(() -> carry(client, onward));
            carry(onward, client);
        } catch (IOException _) {
            // Nobody is there.
        } finally {
            open.remove(client);
        }
    }

    /** What passes here was put together by its sender; nothing is waited for to go with it. */
    private static void atOnce(SocketChannel channel) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    /** Either end closes both. */
    private void carry(ByteChannel from, ByteChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        try (from; to) {
            while (from.read(buffer) >= 0) {
                Thread.sleep(late);
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException _) {
            // The other end is gone.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel client : open) {
            client.close();
        }
    }
}
