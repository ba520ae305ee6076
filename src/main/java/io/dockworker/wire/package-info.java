/** JSON, CloudEvents and the schemas to and from the vocabulary. */
package io.dockworker.wire;
