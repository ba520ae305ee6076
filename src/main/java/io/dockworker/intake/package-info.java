/** Records in, decoded, accepted by the journal. */
package io.dockworker.intake;
