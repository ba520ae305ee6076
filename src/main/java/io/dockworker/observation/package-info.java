/** What the engine says about its containers becomes events and state. */
package io.dockworker.observation;
