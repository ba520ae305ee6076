/** Numbers and publishes the outbox, exactly once. */
package io.dockworker.relay;
