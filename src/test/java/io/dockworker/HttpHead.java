package io.dockworker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The head of an HTTP/1.1 message, which tells where its body ends and so where the next message begins. */
record HttpHead(String text) {
    /** @return empty where nothing more comes */
    static Optional<HttpHead> read(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            head.append((char) next);
        }
        return Optional.of(new HttpHead(head.toString()));
    }

    /** Of a request the method and the path, of an answer the version and the status. */
    List<String> words() {
        return List.of(text.substring(0, text.indexOf("\r\n")).split(" "));
    }

    int status() {
        return Integer.parseInt(words().get(1));
    }

    Optional<String> header(String name) {
        return text.lines().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip()).findFirst();
    }

    byte[] bytes() {
        return text.getBytes(ISO_8859_1);
    }

    /** What follows the head of a request. */
    byte[] requestBody(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        if (isChunked()) {
            copyChunks(in, body);
        } else {
            copy(in, body, length().orElse(0L));
        }
        return body.toByteArray();
    }

    /** Copies what follows the head of an answer, as it comes. */
    void copyAnswer(String method, InputStream in, OutputStream out) throws IOException {
        if (method.equals("HEAD") || status() < 200 || status() == 204 || status() == 304) {
            return;
        }
        if (isChunked()) {
            copyChunks(in, out);
        } else {
            copy(in, out, length().orElse(Long.MAX_VALUE));
        }
    }

    private boolean isChunked() {
        return header("transfer-encoding").filter("chunked"::equalsIgnoreCase).isPresent();
    }

    private Optional<Long> length() {
        return header("content-length").map(Long::parseLong);
    }

    private static void copyChunks(InputStream in, OutputStream out) throws IOException {
        long size;
        do {
            String line = line(in, out);
            size = line.isEmpty() ? 0 : Long.parseLong(line.replaceFirst(";.*", "").strip(), 16);
            copy(in, out, size);
            // Behind the last one trailers may stand, which the engine has none of.
            line(in, out);
        } while (size > 0);
    }

    private static String line(InputStream in, OutputStream out) throws IOException {
        var line = new StringBuilder();
        int next;
        do {
            next = in.read();
            if (next >= 0) {
                line.append((char) next);
            }
        } while (next >= 0 && next != '\n');
        out.write(line.toString().getBytes(ISO_8859_1));
        return line.toString().strip();
    }

    private static void copy(InputStream in, OutputStream out, long length) throws IOException {
        byte[] buffer = new byte[16 << 10];
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return;
            }
            out.write(buffer, 0, read);
            out.flush();
            left -= read;
        }
    }
}
