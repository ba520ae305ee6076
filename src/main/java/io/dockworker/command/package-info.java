/** The vocabulary: commands, container specifications, outcomes and ids, each valid by construction. */
package io.dockworker.command;
