package io.dockworker.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dockworker.command.InvalidValue;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresAddressTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            postgresql://db/app                          | jdbc:postgresql://db:5432/app
            postgres://u:p@db:6543/app                   | jdbc:postgresql://db:6543/app
            postgresql://                                | jdbc:postgresql://localhost:5432/
            postgresql://u@[2001:db8::1]:5433/app        | jdbc:postgresql://[2001:db8::1]:5433/app
            postgresql://a:1,b/app?target_session_attrs=read-write | jdbc:postgresql://a:1,b:5432/app?targetServerType=primary
            postgresql:///app?host=db&port=7             | jdbc:postgresql://db:7/app
            postgresql://db/my%20app?sslmode=verify-full&sslrootcert=/a%20b.pem | jdbc:postgresql://db:5432/my%20app?sslmode=verify-full&sslrootcert=%2Fa%20b.pem
            postgresql://db/app?application_name=x&keepalives=0&connect_timeout=9 | jdbc:postgresql://db:5432/app?ApplicationName=x&connectTimeout=9&tcpKeepAlive=false
            postgresql://db/app?socketTimeout=7          | jdbc:postgresql://db:5432/app?socketTimeout=7
            jdbc:postgresql://db/app?user=u&ssl=true     | jdbc:postgresql://db/app?ssl=true
            jdbc:postgresql:app                          | jdbc:postgresql:app
            """)
    void saysTheSameToTheDriver(String written, String jdbcUrl) {
        assertEquals(jdbcUrl, PostgresAddress.parse(written).jdbcUrl());
    }

    @Test
    void userAndPasswordAreDecodedAndMayHoldAnyCharacter() {
        PostgresAddress address = PostgresAddress.parse("postgresql://us%40er:p%2Fw%3A+%25@é@db/app");
        assertEquals(Optional.of("us@er"), address.user());
        assertEquals(Optional.of("p/w:+%@é"), address.password());
        PostgresAddress jdbc = PostgresAddress.parse("jdbc:postgresql://db/app?user=u&password=p%26w+x");
        assertEquals(Optional.of("u"), jdbc.user());
        assertEquals(Optional.of("p&w x"), jdbc.password());
        assertTrue(PostgresAddress.parse("postgresql://db/app").user().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql://u:s3cret@db/app", "postgresql://u@db/app?password=s3cret",
            "jdbc:postgresql://db/app?user=u&password=s3cret", "postgresql://u@db/app?sslpassword=s3cret"})
    void secretsAreNotShown(String written) {
        String shown = PostgresAddress.parse(written).toString();
        assertFalse(shown.contains("s3cret"), shown);
        assertTrue(shown.startsWith("postgresql://u") && shown.contains("***"), shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mysql://db/app                       | write postgresql://
            db:5432                              | write postgresql://
            postgresql://db/app?sslmod=require   | unknown connection parameter sslmod
            postgresql://db/app?sslmode          | parameters are written
            postgresql://db:99999/app            | the port is a number
            postgresql://u:s3/cret@db/app        | the port is a number
            postgresql://u:100%s3cret@db/app     | the password has a %
            postgresql://u:p@d b/app             | the host cannot be read
            postgresql:///app?host=/var/run      | Unix sockets are not supported
            postgresql://db/a?target_session_attrs=boss | target_session_attrs is any
            jdbc:postgresql://u:s3cret@db/app    | a JDBC url names its user as a parameter
            """)
    void saysWhatToWriteAndRepeatsNoSecret(String written, String message) {
        InvalidValue refused = assertThrows(InvalidValue.class, () -> PostgresAddress.parse(written));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
        assertFalse(refused.getMessage().contains("s3"), refused.getMessage());
        assertFalse(refused.getMessage().contains("cret"), refused.getMessage());
    }
}
