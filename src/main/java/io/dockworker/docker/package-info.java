/** The only user of docker-java; implements the ports that other packages own. */
package io.dockworker.docker;
