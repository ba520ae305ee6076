package io.dockworker;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.Extension;

/** What is not there yet often shows as an exception: whoever awaits something goes on waiting then, in every test. */
public final class Patience implements Extension {
    static {
        Awaitility.ignoreExceptionsByDefault();
    }
}
