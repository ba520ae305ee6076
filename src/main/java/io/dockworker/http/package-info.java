/** REST and metrics; changes go out through a {@link io.dockworker.http.CommandPublisher}. */
package io.dockworker.http;
