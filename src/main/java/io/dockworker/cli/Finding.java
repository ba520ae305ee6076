package io.dockworker.cli;

import java.util.Locale;

/**
 * What an examination found of one dependency.
 *
 * @param mend what to do; empty where nothing is to be done
 */
record Finding(String check, Verdict verdict, String detail, String mend) {
    /** How bad it is: a worker cannot do without what has failed. */
    enum Verdict {
        OK, WARNING, FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String check, String detail) {
        return new Finding(check, Verdict.OK, detail, "");
    }

    static Finding warning(String check, String detail, String mend) {
        return new Finding(check, Verdict.WARNING, detail, mend);
    }

    static Finding failed(String check, String detail, String mend) {
        return new Finding(check, Verdict.FAILED, detail, mend);
    }
}
