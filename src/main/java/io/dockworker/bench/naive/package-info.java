/** What a worker is without the protocol, for contrast. */
package io.dockworker.bench.naive;
