package io.dockworker.standalone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Finds ports of 127.0.0.1 that nobody listens on. */
final class Ports {
    private static final int TRIES = 100;

    private Ports() {}

    /**
     * The wanted port, or the next one above it that is free.
     *
     * @param except taken for sure
     */
    static int firstFree(int wanted, int except) throws IOException {
        for (int port = wanted; port < wanted + TRIES && port <= 65_535; port++) {
            if (port != except && isFree(port)) {
                return port;
            }
        }
        throw new IOException("no free port from " + wanted + " on");
    }

    static int anyFree() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the servers themselves bind: a connection of the past that still lingers is no obstacle.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
