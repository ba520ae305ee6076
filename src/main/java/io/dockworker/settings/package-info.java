/** Reads, validates and explains the settings, all faults at once. */
package io.dockworker.settings;
