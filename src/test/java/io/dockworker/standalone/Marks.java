package io.dockworker.standalone;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Leaves marks in both services, and reads them again, as any client would: from the two addresses alone. */
record Marks(String bootstrapServers, String postgresUrl) {
    private static final String TOPIC = "marks";

    static Marks in(Map<String, String> endpoints) {
        return new Marks(endpoints.get("KAFKA_BOOTSTRAP_SERVERS"), endpoints.get("POSTGRES_URL"));
    }

    void prepare() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
        execute("create table marks (mark text)");
    }

    /** Returns when both have acknowledged it. */
    void leave(String mark) throws Exception {
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrapServers,
                ProducerConfig.TRANSACTIONAL_ID_CONFIG, "marks"), new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            var _ = producer.send(new ProducerRecord<>(TOPIC, mark));
            producer.commitTransaction();
        }
        execute("insert into marks values ('" + mark + "')");
    }

    List<String> inKafka() {
        List<String> marks = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"), new StringDeserializer(),
                new StringDeserializer())) {
            var partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(one -> marks.add(one.value()));
            }
        }
        return marks;
    }

    List<String> inPostgres() throws SQLException {
        return query("select mark from marks");
    }

    List<String> query(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As {@code postgresql://user:password@address}. */
    private Connection connect() throws SQLException {
        String[] parts = postgresUrl.substring("postgresql://".length()).split("[:@]", 3);
        var credentials = new Properties();
        credentials.setProperty("user", parts[0]);
        credentials.setProperty("password", parts[1]);
        return DriverManager.getConnection("jdbc:postgresql://" + parts[2], credentials);
    }
}
