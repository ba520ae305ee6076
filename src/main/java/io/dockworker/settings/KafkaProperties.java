package io.dockworker.settings;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** How variables name properties of the Kafka clients, and which of those are not the user's to set. */
final class KafkaProperties {
    /**
     * What the protocol relies on: who consumes as what, where reading begins, what is acknowledged, in which order, and
     * how bytes become records.
     */
    private static final Set<String> OWNED = Set.of("acks", "allow.auto.create.topics", "auto.commit.interval.ms",
            "auto.offset.reset", "enable.auto.commit", "enable.idempotence", "group.id", "group.instance.id",
            "group.protocol", "group.remote.assignor", "isolation.level", "key.deserializer", "key.serializer",
            "max.in.flight.requests.per.connection", "partitioner.class", "partitioner.ignore.keys", "retries",
            "transaction.timeout.ms", "transaction.two.phase.commit.enable", "transactional.id", "value.deserializer",
            "value.serializer");

    /** Properties whose own name ends so: the variable does not mean "read the value from a file". */
    private static final Set<String> ABOUT_FILES = Set.of("sasl.oauthbearer.assertion.file",
            "sasl.oauthbearer.assertion.private.key.file", "sasl.oauthbearer.assertion.template.file");

    private static final Pattern SECRET = Pattern
            .compile("password|passphrase|secret|jaas|token$|(?:^|\\.)keystore\\.key$");

    private KafkaProperties() {}

    /** {@code KAFKA_SECURITY_PROTOCOL} becomes {@code security.protocol}. */
    static String named(String variable) {
        return variable.substring(Setting.KAFKA_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
    }

    static boolean isOwned(String property) {
        return OWNED.contains(property);
    }

    static boolean isAboutFile(String property) {
        return ABOUT_FILES.contains(property);
    }

    static boolean isSecret(String property) {
        return SECRET.matcher(property).find();
    }
}
