package io.dockworker.docker;

import io.dockworker.TestImages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A real registry on loopback, which asks for a login, and before it a way that can stall or break. Images are pushed
 * past the way, and pulled through it.
 */
public final class Registry implements AutoCloseable {
    public static final String LOGIN = "dock:worker";
    private static final String HTPASSWD = "dock:$2y$05$D499etX2NUKNIfByExGbtOvtpqrsAfC3zqA3wLkcM/4Gi8tcdcR8q\n";
    /** Behind the beginning of a large layer, and beyond any manifest. */
    private static final long HALF_WAY_BYTES = 1 << 20;

    /** What the way does with an answer that has come half-way. */
    public enum Way {
        OPEN, STALLED, CUT
    }

    private final Path directory;
    private final Process server;
    private final int port;
    private final ServerSocket way = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile Way how = Way.OPEN;
    private volatile CountDownLatch stalled = new CountDownLatch(1);
    private volatile CountDownLatch released = new CountDownLatch(1);

    public Registry(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
        Path config = Files.writeString(directory.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: "%1$s/data"}}
                http: {addr: "127.0.0.1:%2$d", secret: not-shared}
                auth: {htpasswd: {realm: test, path: "%1$s/htpasswd"}}
                """.formatted(directory, port));
        server = new ProcessBuilder("docker-registry", "serve", config.toString()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile()).start();
        Thread.ofVirtual().name("registry way").start(this::accept);
        while (!listens()) {
            if (!server.isAlive()) {
                throw new IOException(Files.readString(directory.resolve("log")));
            }
            Thread.sleep(Duration.ofMillis(50));
        }
        docker("login", "-u", "dock", "-p", "worker", "127.0.0.1:" + port);
    }

    private boolean listens() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** The name under which an image is pulled. */
    public String name(String image) {
        return "127.0.0.1:" + way.getLocalPort() + "/" + image;
    }

    /**
     * Pushes an image of the engine; it stays there only under its old name.
     *
     * @return its digest
     */
    public String push(String image, String as) throws IOException, InterruptedException {
        String target = "127.0.0.1:" + port + "/" + as;
        docker("tag", image, target);
        String said = docker("push", target);
        docker("rmi", target);
        return said.substring(said.indexOf("sha256:", said.indexOf("digest: "))).split(" ", 2)[0];
    }

    /** With a login of its own: nothing is written into anybody's home. */
    private String docker(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 3];
        command[0] = "docker";
        command[1] = "--config";
        command[2] = directory.toString();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return TestImages.run(null, 0, command);
    }

    /** From now on. */
    public void become(Way next) {
        stalled = new CountDownLatch(1);
        released.countDown();
        released = new CountDownLatch(1);
        cuts.set(next == Way.CUT ? 1 : 0);
        how = next;
        requests.clear();
    }

    public boolean awaitStalled() throws InterruptedException {
        return stalled.await(60, TimeUnit.SECONDS);
    }

    /** What stalls goes on. */
    public void release() {
        how = Way.OPEN;
        released.countDown();
    }

    /** Answers that were cut off. */
    boolean hasCut() {
        return how == Way.CUT && cuts.get() <= 0;
    }

    /** The requests for blobs and for manifests by tag since the way last changed. */
    List<String> fetched(String kind) {
        return requests.stream().filter(line -> line.startsWith("GET ") && line.contains("/" + kind + "/")).toList();
    }

    private void accept() {
        while (!way.isClosed()) {
            try {
                Socket client = way.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), port);
                // A connection is used for request after request.
                var answered = new AtomicLong();
                Thread.ofVirtual().start(() -> pump(client, upstream, true, answered));
                Thread.ofVirtual().start(() -> pump(upstream, client, false, answered));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void pump(Socket from, Socket to, boolean asking, AtomicLong answered) {
        byte[] buffer = new byte[16 << 10];
        try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
            int read;
            while ((read = in.read(buffer)) > 0) {
                if (asking) {
                    answered.set(0);
                    requests.add(
                            new String(buffer, 0, read, StandardCharsets.ISO_8859_1).lines().findFirst().orElse(""));
                } else {
                    answered.addAndGet(read);
                }
                if (answered.get() > HALF_WAY_BYTES && how == Way.STALLED) {
                    CountDownLatch until = released;
                    stalled.countDown();
                    until.await();
                } else if (answered.get() > HALF_WAY_BYTES && how == Way.CUT && cuts.getAndDecrement() > 0) {
                    return;
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException _) {
            // One side has gone, which ends the other.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        released.countDown();
        server.destroy();
        try {
            way.close();
            server.waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
