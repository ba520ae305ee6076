/** Which worker owns which engine: the lock, the epoch, the heartbeat. */
package io.dockworker.fleet;
