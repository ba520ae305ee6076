package io.dockworker.kafka;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** What Kafka's clients can be told. */
public final class ClientProperties {
    private static final Set<String> KNOWN = Stream
            .of(AdminClientConfig.configNames(), ConsumerConfig.configNames(), ProducerConfig.configNames())
            .flatMap(Collection::stream).collect(Collectors.toUnmodifiableSet());

    private ClientProperties() {}

    /** Those that no client knows; a class that is plugged into one may. */
    public static Set<String> unknown(Collection<String> properties) {
        var unknown = new TreeSet<>(properties);
        unknown.removeAll(KNOWN);
        return unknown;
    }
}
