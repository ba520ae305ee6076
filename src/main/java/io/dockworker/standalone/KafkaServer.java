package io.dockworker.standalone;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A real Kafka broker in this process, for one machine: broker and controller in one, reachable on 127.0.0.1 alone. */
final class KafkaServer implements AutoCloseable {
    /** Fixed, since a data directory remembers the cluster that it belongs to. */
    private static final String CLUSTER_ID = "dockworkerStandaloneAA";
    private static final int NODE = 1;

    private final KafkaRaftServer server;
    private final int port;

    private KafkaServer(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    static KafkaServer start(Path directory, int port) throws IOException {
        return start(directory, port, port);
    }

    /** @param reachedAt the port to which it directs its clients, where that is another one, such as that of a proxy */
    static KafkaServer start(Path directory, int port, int reachedAt) throws IOException {
        Files.createDirectories(directory);
        Map<String, String> config = config(directory, port, reachedAt, Ports.anyFree());
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter().setPrintStream(silent).setClusterId(CLUSTER_ID).setNodeId(NODE)
                    .setControllerListenerName("CONTROLLER").addDirectory(directory.toString())
                    .setMetadataLogDirectory(directory.toString()).setIgnoreFormatted(true).run();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("Kafka's data directory " + directory + " cannot be used: " + e.getMessage(), e);
        }
        var server = new KafkaRaftServer(new KafkaConfig(config, false), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw new IOException(e.getMessage(), e);
        }
        return new KafkaServer(server, port);
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    private static Map<String, String> config(Path directory, int port, int reachedAt, int controllerPort) {
        Map<String, String> config = new HashMap<>();
        config.put("process.roles", "broker,controller");
        config.put("node.id", String.valueOf(NODE));
        // Static voters are not written into the metadata, so that the ports may change from start to start.
        config.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
        config.put("controller.listener.names", "CONTROLLER");
        config.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        config.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + reachedAt);
        config.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        config.put("log.dirs", directory.toString());
        config.put("auto.create.topics.enable", "false");
        config.put("default.replication.factor", "1");
        for (String topic : new String[]{"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            config.put(topic + ".replication.factor", "1");
            config.put(topic + ".num.partitions", "1");
        }
        config.put("transaction.state.log.min.isr", "1");
        config.put("share.coordinator.state.topic.min.isr", "1");
        config.put("group.initial.rebalance.delay.ms", "0");
        // A broker that was killed must wait for its own former session to end before it may come back.
        config.put("broker.session.timeout.ms", "2000");
        config.put("broker.heartbeat.interval.ms", "500");
        // One machine's load: few threads and small buffers. Durability is the operating system's page cache, as with
        // every Kafka broker: what was acknowledged survives the death of the process.
        config.put("num.network.threads", "2");
        config.put("num.io.threads", "2");
        config.put("log.cleaner.dedupe.buffer.size", String.valueOf(4 << 20));
        config.put("message.max.bytes", String.valueOf(4 << 20));
        config.put("replica.fetch.max.bytes", String.valueOf(4 << 20));
        return config;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
