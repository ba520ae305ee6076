/** Connections, transactions and migrations. */
package io.dockworker.postgres;
