package io.dockworker;

import io.dockworker.command.ImageName;
import io.dockworker.docker.DockerEngine;
import io.dockworker.docker.LocalImage;
import io.dockworker.docker.SecondEngine;
import io.dockworker.standalone.BrokerProcess;
import io.dockworker.standalone.DatabaseProcess;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** An engine, a broker and a database of one worker's own, each of which can be away in any way, and that worker. */
final class Surroundings {
    final Upstream upstream;
    final Account account;
    final WorkerProcess worker;
    final DatabaseProcess postgres;
    final Path kafkaDirectory;
    private final Opened opened = new Opened();
    private final Map<Of, Away> servers = new EnumMap<>(Of.class);

    enum Of {
        KAFKA, POSTGRES, DOCKER
    }

    enum How {
        KILLED, FROZEN, SLOW, REFUSING
    }

    /** A server, and the way on which the worker reaches it. */
    record Away(Server server, Passage way) {
        void begin(How how) throws IOException {
            switch (how) {
                case KILLED -> server.kill();
                case FROZEN -> server.freeze();
                // There and back, so that each exchange takes 2 s longer.
                case SLOW -> way.delay(Duration.ofSeconds(1));
                case REFUSING -> way.refuse();
            }
        }

        /** Returns when it answers. */
        void end(How how) throws IOException {
            switch (how) {
                case KILLED -> server.start();
                case FROZEN -> server.thaw();
                case SLOW, REFUSING -> way.mend();
            }
        }
    }

    /**
     * Starts them all.
     *
     * @param name  of the host, and of the topics
     * @param image is made on the engine
     * @param flags more settings of the worker
     */
    Surroundings(Path directory, String name, String image, String... flags) throws Exception {
        try {
            SecondEngine engine = opened.own(new SecondEngine(Files.createDirectory(directory.resolve("engine")),
                    List.of("--live-restore")));
            try (DockerEngine images = DockerEngine.connect(engine.local(), new SimpleMeterRegistry())) {
                LocalImage.build(images, new ImageName(image));
            }
            Path socket = directory.resolve("docker.sock");
            way(Of.DOCKER, engine, new Passage(UnixDomainSocketAddress.of(socket),
                    UnixDomainSocketAddress.of(engine.local().host().getPath())));
            int port;
            try (var free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Passage toKafka = new Passage(Passage.port(0), Passage.port(port));
            kafkaDirectory = directory.resolve("kafka");
            way(Of.KAFKA, new BrokerProcess(kafkaDirectory, port, toKafka.port()), toKafka).start();
            postgres = new DatabaseProcess(directory.resolve("postgres"));
            Passage toPostgres = new Passage(Passage.port(0), Passage.port(postgres.port()));
            way(Of.POSTGRES, postgres, toPostgres).start();
            upstream = opened.own(new Upstream(name + ".", "127.0.0.1:" + toKafka.port(),
                    postgres.url().replace(":" + postgres.port(), ":" + toPostgres.port()), Account.GIVEN_UP));
            account = new Account(upstream, engine.local());
            List<String> settings = new ArrayList<>(upstream.flags(directory.resolve("lock"), name));
            settings.add("--docker-host=unix://" + socket);
            settings.addAll(List.of(flags));
            worker = opened.own(WorkerProcess.start(directory.resolve("worker"), settings));
        } catch (Exception | Error e) {
            opened.close();
            throw e;
        }
    }

    private Server way(Of which, Server server, Passage way) {
        opened.own(server);
        opened.own(way);
        servers.put(which, new Away(server, way));
        return server;
    }

    Away away(Of which) {
        return servers.get(which);
    }

    void close() throws Exception {
        opened.close();
    }
}
