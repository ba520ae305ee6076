package io.dockworker.journal;

import io.dockworker.command.HostId;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Appends what is to be published to the transaction that makes it true. */
final class OutboxWriter {
    private OutboxWriter() {}

    static void append(Handle transaction, HostId host, List<OutboxMessage> messages) {
        if (messages.isEmpty()) {
            return;
        }
        PreparedBatch batch = transaction
                .prepareBatch("insert into outbox (host, kind, payload) values (:host, :kind, :payload)");
        for (OutboxMessage message : messages) {
            batch.bind("host", host.value()).bind("kind", message.getClass().getSimpleName())
                    .bind("payload", Json.write(message)).add();
        }
        batch.execute();
        Changes.append(transaction, messages);
    }
}
