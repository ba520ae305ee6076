/** Samples, judges, keeps and publishes; owns the port {@link io.dockworker.health.StatsSource}. */
package io.dockworker.health;
