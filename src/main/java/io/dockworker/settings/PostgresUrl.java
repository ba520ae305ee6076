package io.dockworker.settings;

import java.util.regex.Pattern;

/**
 * Where the database is, as the user wrote it: a libpq URI or a JDBC URL, perhaps with a password. Printing this object
 * shows it without.
 */
public record PostgresUrl(String value) {
    private static final Pattern SCHEME = Pattern
            .compile("(?:postgres(?:ql)?|jdbc:postgresql)://.+|jdbc:postgresql:.+");
    /** Greedy up to the last @: a password with an unescaped @ or / must not show its tail. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)([^:@/?]*):.*@");
    private static final Pattern PARAMETER = Pattern.compile("(?i)([?&][a-z_.]*(?:password|secret)=)[^&]*");

    /** True where the scheme is one of PostgreSQL's; the rest is for those who connect. */
    static boolean looksRight(String text) {
        return SCHEME.matcher(text).matches();
    }

    /** The URL with asterisks for passwords. */
    public String redacted() {
        String withoutUserInfo = USER_INFO.matcher(value).replaceAll("$1:" + Secret.MASK + "@");
        return PARAMETER.matcher(withoutUserInfo).replaceAll("$1" + Secret.MASK);
    }

    @Override
    public String toString() {
        return redacted();
    }
}
