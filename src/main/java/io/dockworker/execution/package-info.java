/** Decides each next step (pure), drives lanes and limits (shell); owns the port {@link io.dockworker.execution.ContainerEngine}. */
package io.dockworker.execution;
