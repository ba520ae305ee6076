/** Campaigns against a whole worker on a real engine, which anybody can run again. */
package io.dockworker.bench;
