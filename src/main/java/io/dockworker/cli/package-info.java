/** The launcher's verbs. */
package io.dockworker.cli;
