package io.dockworker.kafka;

/**
 * A partition's log as the broker has it at the moment that this worker is given it.
 *
 * @param topicId     changes when a topic is deleted and made anew under its name
 * @param startOffset of the earliest record there is
 * @param endOffset   after the latest
 * @param truncated   the broker says that it no longer has what we had read before the position that we asked for
 */
public record PartitionLog(int partition, String topicId, long startOffset, long endOffset, boolean truncated) {}
