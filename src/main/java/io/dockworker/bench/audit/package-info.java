/** Joins what was asked, what was answered and what the engine did, as a stranger to Dockworker. */
package io.dockworker.bench.audit;
