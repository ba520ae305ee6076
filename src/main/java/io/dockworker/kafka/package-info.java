/** The only user of Kafka clients: consumer loop, producers, topics. */
package io.dockworker.kafka;
