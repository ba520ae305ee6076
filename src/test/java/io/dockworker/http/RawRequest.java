package io.dockworker.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Sends bytes as they are: what no well-behaved client lets one send. */
final class RawRequest implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    RawRequest(int port, String sent) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a whole request and gives the answer. */
    static String exchange(int port, String method, String path, String... headers) throws IOException {
        String sent = method + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers)
                + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        try (var request = new RawRequest(port, sent)) {
            return request.rest();
        }
    }

    static int status(int port, String method, String path, String... headers) throws IOException {
        return Integer.parseInt(exchange(port, method, path, headers).split(" ", 3)[1]);
    }

    /** Everything up to the end that the server makes. */
    String rest() throws IOException {
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
