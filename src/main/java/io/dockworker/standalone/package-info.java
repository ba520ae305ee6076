/** Embedded Kafka and PostgreSQL, for machines that have neither. */
package io.dockworker.standalone;
