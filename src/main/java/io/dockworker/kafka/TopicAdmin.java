package io.dockworker.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the broker's topics those of the catalogue, or says how they differ. */
public final class TopicAdmin {
    private static final long TIMEOUT_SECONDS = 30;

    private final Properties client;
    private final TopicCatalog catalog;
    private final OptionalInt replicationFactor;

    /**
     * Connects at each call only.
     *
     * @param client            the properties of an admin client
     * @param replicationFactor empty: the broker's default
     */
    public TopicAdmin(Properties client, TopicCatalog catalog, OptionalInt replicationFactor) {
        this.client = client;
        this.catalog = catalog;
        this.replicationFactor = replicationFactor;
    }

    /**
     * How the topics stand.
     *
     * @param created     names
     * @param missing     names
     * @param mended      differences that there were
     * @param differences that there are, of topics that exist; none of them stops a worker
     * @param error       why the rest could not be found out, for people; empty if all went well
     */
    public record Report(List<String> created, List<String> missing, List<TopicDifference> mended,
            List<TopicDifference> differences, Optional<String> error) {
        public Report {
            created = List.copyOf(created);
            missing = List.copyOf(missing);
            mended = List.copyOf(mended);
            differences = List.copyOf(differences);
        }

        /** How long the broker keeps the topic's records; empty: for ever. */
        public Optional<Duration> retention(TopicDefinition topic) {
            return differences.stream()
                    .filter(one -> one.topic().equals(topic.name()) && one.property().equals(TopicDefinition.RETENTION))
                    .map(one -> one.found().matches("[0-9]{1,18}")
                            ? Optional.of(Duration.ofMillis(Long.parseLong(one.found())))
                            : Optional.<Duration>empty())
                    .findFirst().orElseGet(topic::retention);
        }

        /** Every topic is there. */
        public boolean isComplete() {
            return missing.isEmpty() && error.isEmpty();
        }
    }

    /**
     * Creates what is missing, if told so. Never changes a topic that exists. Waits up to 30 s for each answer.
     *
     * @param create false: only looks
     * @throws InterruptedException if interrupted while it waits
     */
    public Report ensure(boolean create) throws InterruptedException {
        return bring(create, false);
    }

    /**
     * Creates what is missing, and mends on topics that exist what can be mended: settings, and missing partitions. What
     * the report then still calls a difference cannot be mended.
     *
     * @throws InterruptedException if interrupted while it waits
     */
    public Report mend() throws InterruptedException {
        return bring(true, true);
    }

    private Report bring(boolean create, boolean mend) throws InterruptedException {
        List<String> created = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<TopicDifference> mended = new ArrayList<>();
        List<TopicDifference> differences = new ArrayList<>();
        Optional<String> error = Optional.empty();
        try (BriefAdmin brief = BriefAdmin.of(client)) {
            Admin admin = brief.admin();
            Map<TopicDefinition, TopicDescription> present = describe(admin, missing);
            differences.addAll(differences(admin, present));
            if (create) {
                create(admin, missing, created);
            }
            if (mend) {
                List<TopicDifference> mendable = differences.stream()
                        .filter(difference -> difference.hindrance().isEmpty()).toList();
                mend(admin, mendable);
                differences.removeAll(mendable);
                mended.addAll(mendable);
            }
        } catch (ExecutionException e) {
            error = Optional.of(reason(e.getCause()));
        } catch (TimeoutException _) {
            error = Optional.of("the broker gave no answer within " + TIMEOUT_SECONDS + " s");
        } catch (BrokerAway | KafkaException e) {
            error = Optional.of(reason(e));
        }
        return new Report(created, missing, mended, differences, error);
    }

    private Map<TopicDefinition, TopicDescription> describe(Admin admin, List<String> missing)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, KafkaFuture<TopicDescription>> answers = admin
                .describeTopics(catalog.topics().stream().map(TopicDefinition::name).toList()).topicNameValues();
        Map<TopicDefinition, TopicDescription> present = new LinkedHashMap<>();
        for (TopicDefinition topic : catalog.topics()) {
            try {
                present.put(topic, await(answers.get(topic.name())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                missing.add(topic.name());
            }
        }
        return present;
    }

    private void create(Admin admin, List<String> missing, List<String> created)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<NewTopic> topics = catalog.topics().stream().filter(topic -> missing.contains(topic.name()))
                .map(this::newTopic).toList();
        Map<String, KafkaFuture<Void>> answers = admin.createTopics(topics).values();
        for (NewTopic topic : topics) {
            try {
                await(answers.get(topic.name()));
                created.add(topic.name());
            } catch (ExecutionException e) {
                // Another worker that starts at the same time was quicker, with the same files.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            missing.remove(topic.name());
        }
    }

    private NewTopic newTopic(TopicDefinition topic) {
        Optional<Short> replicas = replicationFactor.isPresent()
                ? Optional.of((short) replicationFactor.getAsInt())
                : Optional.empty();
        return new NewTopic(topic.name(), Optional.of(topic.partitions()), replicas).configs(topic.config());
    }

    private List<TopicDifference> differences(Admin admin, Map<TopicDefinition, TopicDescription> present)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<TopicDifference> differences = new ArrayList<>();
        List<ConfigResource> resources = present.keySet().stream().map(TopicAdmin::resource).toList();
        Map<ConfigResource, Config> configs = await(admin.describeConfigs(resources).all());
        present.forEach((topic, description) -> {
            int partitions = description.partitions().size();
            if (partitions != topic.partitions()) {
                differences.add(TopicDifference.partitions(topic, partitions));
            }
            int replicas = description.partitions().getFirst().replicas().size();
            if (replicas != replicationFactor.orElse(replicas)) {
                differences.add(TopicDifference.replicas(topic.name(), replicas, replicationFactor.getAsInt()));
            }
            Config config = configs.get(resource(topic));
            topic.config().forEach((name, wanted) -> {
                ConfigEntry entry = config.get(name);
                String found = entry == null ? "nothing" : entry.value();
                if (!wanted.equals(found)) {
                    differences.add(TopicDifference.setting(topic.name(), name, found, wanted));
                }
            });
        });
        return differences;
    }

    /** Sets what can be set on topics that exist. */
    private static void mend(Admin admin, List<TopicDifference> differences)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<ConfigResource, Collection<AlterConfigOp>> settings = new LinkedHashMap<>();
        Map<String, NewPartitions> partitions = new LinkedHashMap<>();
        for (TopicDifference difference : differences) {
            if (difference.property().equals(TopicDifference.PARTITIONS)) {
                partitions.put(difference.topic(), NewPartitions.increaseTo(Integer.parseInt(difference.wanted())));
            } else {
                settings.computeIfAbsent(new ConfigResource(ConfigResource.Type.TOPIC, difference.topic()),
                        _ -> new ArrayList<>())
                        .add(new AlterConfigOp(new ConfigEntry(difference.property(), difference.wanted()),
                                AlterConfigOp.OpType.SET));
            }
        }
        await(admin.incrementalAlterConfigs(settings).all());
        await(admin.createPartitions(partitions).all());
    }

    private static ConfigResource resource(TopicDefinition topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    }

    private static <T> T await(KafkaFuture<T> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** Kafka's own sentence, and that of its cause, which is often the one that helps. */
    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure.getMessage() + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage());
    }
}
