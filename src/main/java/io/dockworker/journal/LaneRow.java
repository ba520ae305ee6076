package io.dockworker.journal;

/**
 * A lane as acceptance sees it.
 *
 * @param image       normal form
 * @param containerId null where it has none yet
 */
record LaneRow(long lane, String host, String image, String containerId) {}
