package io.dockworker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A way to an engine that knows one request from the next, treats those badly that a test has chosen, and remembers all
 * that it passed on: nobody can tell better what reached the engine.
 */
@SuppressWarnings("JdkObsolete") // said and read at once
final class EngineWay implements AutoCloseable {
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);
    /** Enough for the id of what was made. */
    private static final int REMEMBERED = 200;

    private final ServerSocketChannel server;
    private final SocketAddress behind;
    private final Queue<Rule> rules = new ConcurrentLinkedQueue<>();
    private final Queue<Held> held = new ConcurrentLinkedQueue<>();
    private final Queue<Forwarded> forwarded = new ConcurrentLinkedQueue<>();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** @param path with what stands behind the question mark */
    record Request(String method, String path, String body) {}

    /** @param answer the beginning of the answer's body; of one that is still coming, what has come */
    record Forwarded(Request request, int status, StringBuffer answer) {
        boolean isDone() {
            return status / 100 == 2;
        }
    }

    /** What becomes of a request. */
    sealed interface Fault {
        /** It does not reach the engine, and its connection breaks. */
        record Drop() implements Fault {}

        /** The engine does it, and the connection breaks before the answer. */
        record LoseAnswer() implements Fault {}

        /**
         * Its connection breaks, and only later it reaches the engine: when somebody has been shown the state before it.
         * Who looks again is kept waiting until it is done.
         *
         * @param look  a request that shows the state
         * @param mayGo a look before this holds has no effect
         */
        record Late(Predicate<Request> look, BooleanSupplier mayGo) implements Fault {}

        /** It reaches the engine after this time, and is answered then. */
        record Delay(Duration time) implements Fault {}

        /** Its answer comes byte by byte. */
        record Trickle(Duration between) implements Fault {}

        /**
         * It is never answered.
         *
         * @param done the engine does it all the same
         */
        record Hang(boolean done) implements Fault {}

        /** It is answered so, and does not reach the engine. */
        record Answer(int status, String message) implements Fault {}
    }

    private record Rule(Predicate<Request> which, Fault fault, AtomicBoolean used) {}

    private record Held(Fault.Late late, CountDownLatch go, CountDownLatch done) {}

    private EngineWay(ServerSocketChannel server, SocketAddress behind) {
        this.server = server;
        this.behind = behind;
        THREADS.execute(this::serve);
    }

    static EngineWay at(Path socket, SocketAddress behind) throws IOException {
        return new EngineWay(
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket)), behind);
    }

    /** The next such request meets the fault, whoever sends it. */
    void once(Predicate<Request> which, Fault fault) {
        rules.add(new Rule(which, fault, new AtomicBoolean()));
    }

    /** All that was passed on to the engine and that it has begun to answer, in order of the answers. */
    List<Forwarded> forwarded() {
        return List.copyOf(forwarded);
    }

    /** Whatever is late reaches the engine now, if it has not yet; returns when it is done. */
    void letGo() throws InterruptedException {
        for (Held one : held) {
            one.go().countDown();
            one.done().await();
        }
        held.clear();
        rules.clear();
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                THREADS.execute(() -> serve(client));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(SocketChannel client) {
        open.add(client);
        try (client; SocketChannel onward = SocketChannel.open(behind)) {
            var engine = new Engine(onward);
            InputStream in = new BufferedInputStream(Channels.newInputStream(client));
            Optional<HttpHead> head = HttpHead.read(in);
            while (head.isPresent()) {
                byte[] body = head.get().requestBody(in);
                if (head.get().header("upgrade").isPresent()) {
                    upgrade(head.get(), body, client, in, engine);
                    return;
                }
                // Read ahead, since that is how the end of a client shows which has heard enough of an answer.
                CompletableFuture<Optional<HttpHead>> next = CompletableFuture.supplyAsync(() -> next(in, onward),
                        THREADS);
                exchange(head.get(), body, client, engine, next);
                head = client.isOpen() ? next.get() : Optional.empty();
            }
        } catch (IOException | ExecutionException _) {
            // One of the ends is gone.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private static Optional<HttpHead> next(InputStream in, SocketChannel onward) {
        try {
            Optional<HttpHead> next = HttpHead.read(in);
            if (next.isEmpty()) {
                onward.close();
            }
            return next;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void exchange(HttpHead head, byte[] body, SocketChannel client, Engine engine,
            CompletableFuture<Optional<HttpHead>> next) throws IOException, InterruptedException, ExecutionException {
        var request = new Request(head.words().get(0), head.words().get(1), new String(body, ISO_8859_1));
        OutputStream out = Channels.newOutputStream(client);
        Optional<Fault> fault = rules.stream().filter(rule -> !rule.used().get())
                .filter(rule -> rule.which().test(request)).filter(rule -> rule.used().compareAndSet(false, true))
                .map(Rule::fault).findFirst();
        switch (fault.orElse(null)) {
            case null -> {
                List<Held> behindIt = held.stream().filter(one -> one.late().look().test(request)).toList();
                for (Held one : behindIt) {
                    if (one.go().getCount() == 0) {
                        one.done().await();
                    }
                }
                forward(request, head, body, engine, out);
                behindIt.stream().filter(one -> one.late().mayGo().getAsBoolean()).forEach(one -> one.go().countDown());
            }
            case Fault.Drop _ -> client.close();
            case Fault.LoseAnswer _ -> {
                forward(request, head, body, engine, OutputStream.nullOutputStream());
                client.close();
            }
            case Fault.Late late -> {
                var one = new Held(late, new CountDownLatch(1), new CountDownLatch(1));
                held.add(one);
                client.close();
                THREADS.execute(() -> goLater(one, request, head, body));
            }
            case Fault.Delay(Duration time) -> {
                Thread.sleep(time);
                forward(request, head, body, engine, out);
            }
            case Fault.Trickle(Duration between) -> forward(request, head, body, engine, new Trickling(out, between));
            case Fault.Hang(boolean done) -> {
                if (done) {
                    forward(request, head, body, engine, OutputStream.nullOutputStream());
                }
                next.get();
                client.close();
            }
            case Fault.Answer(int status, String message) -> {
                String json = "{\"message\":\"" + message + "\"}";
                out.write(("HTTP/1.1 " + status + " As Told\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json).getBytes(ISO_8859_1));
            }
        }
    }

    private void goLater(Held one, Request request, HttpHead head, byte[] body) {
        try (SocketChannel onward = SocketChannel.open(behind)) {
            one.go().await();
            forward(request, head, body, new Engine(onward), OutputStream.nullOutputStream());
        } catch (IOException _) {
            // The engine is gone.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            one.done().countDown();
        }
    }

    private void forward(Request request, HttpHead head, byte[] body, Engine engine, OutputStream out)
            throws IOException {
        engine.ask(head, body);
        HttpHead answer = engine.answer();
        var said = new StringBuffer();
        forwarded.add(new Forwarded(request, answer.status(), said));
        out.write(answer.bytes());
        answer.copyAnswer(request.method(), engine.in, new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[]{(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                if (said.length() < REMEMBERED) {
                    said.append(new String(bytes, from, Math.min(length, REMEMBERED), ISO_8859_1));
                }
                out.write(bytes, from, length);
            }
        });
    }

    /** What is no HTTP any more from its answer on goes to and fro as it is. */
    private void upgrade(HttpHead head, byte[] body, SocketChannel client, InputStream in, Engine engine)
            throws IOException {
        OutputStream out = Channels.newOutputStream(client);
        engine.ask(head, body);
        HttpHead answer = engine.answer();
        forwarded.add(new Forwarded(new Request(head.words().get(0), head.words().get(1), ""), answer.status(),
                new StringBuffer()));
        out.write(answer.bytes());
        THREADS.execute(() -> {
            try {
                in.transferTo(Channels.newOutputStream(engine.channel));
                engine.channel.shutdownOutput();
            } catch (IOException _) {
                // One of the ends is gone.
            }
        });
        engine.in.transferTo(out);
    }

    private static final class Engine {
        private final SocketChannel channel;
        private final InputStream in;

        private Engine(SocketChannel channel) {
            this.channel = channel;
            this.in = new BufferedInputStream(Channels.newInputStream(channel));
        }

        void ask(HttpHead head, byte[] body) throws IOException {
            OutputStream out = Channels.newOutputStream(channel);
            out.write(head.bytes());
            out.write(body);
        }

        HttpHead answer() throws IOException {
            return HttpHead.read(in).orElseThrow(() -> new IOException("no answer"));
        }
    }

    private static final class Trickling extends OutputStream {
        private final OutputStream out;
        private final Duration between;

        private Trickling(OutputStream out, Duration between) {
            this.out = out;
            this.between = between;
        }

        @Override
        public void write(int one) throws IOException {
            out.write(one);
            try {
                Thread.sleep(between);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
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
