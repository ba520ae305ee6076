/** The durable record: inbox, lanes, claims, events, containers, outbox, and the read models. */
package io.dockworker.journal;
