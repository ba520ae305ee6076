package io.dockworker;

import io.dockworker.command.Command;
import io.dockworker.http.CommandPublisher;
import io.dockworker.kafka.OutboundRecord;
import io.dockworker.kafka.Publisher;
import io.dockworker.wire.CommandEncoder;
import io.dockworker.wire.OutboundMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Sends commands to the commands topic, as every other publisher does. */
final class TopicCommandPublisher implements CommandPublisher {
    private final Publisher publisher;
    private final String topic;
    private final CommandEncoder encoder = new CommandEncoder();

    TopicCommandPublisher(Publisher publisher, String topic) {
        this.publisher = publisher;
        this.topic = topic;
    }

    @Override
    public void publish(Command command, String key) throws PublishingFailed {
        OutboundMessage message = encoder.message(command);
        try {
            publisher
                    .publish(
                            new OutboundRecord(topic, key.getBytes(StandardCharsets.UTF_8), message.value(), List.of()))
                    .get();
        } catch (ExecutionException e) {
            throw new PublishingFailed(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PublishingFailed("interrupted", e);
        }
    }
}
