package io.dockworker.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats that Docker, Compose and Kubernetes have taught people. */
class FormatsTest {
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"80/tcp,-,81/tcp,-,true", "80/tcp,-,81/tcp,127.0.0.1,true",
            "80/tcp,127.0.0.1,81/tcp,127.0.0.1,true", "80/tcp,127.0.0.1,81/tcp,127.0.0.2,false",
            "80/tcp,-,81/udp,-,false"})
    void portsOfTheHostServeOneContainerPortEach(String one, String oneIp, String other, String otherIp,
            boolean clash) {
        PortMapping first = PortMapping.parse(one, oneIp == null ? "" : oneIp, 8080);
        PortMapping second = PortMapping.parse(other, otherIp == null ? "" : otherIp, 8080);
        assertEquals(clash, first.clashes(second));
        assertEquals(clash, second.clashes(first));
        assertFalse(PortMapping.parse(one, "", 0).clashes(PortMapping.parse(other, "", 0)));
    }

    @ParameterizedTest
    @CsvSource({"0.5,500000000", "500m,500000000", "1,1000000000", "2,2000000000", ".5,500000000", "0.01,10000000",
            "10m,10000000", "1.5,1500000000", "0.33333,333330000", "1500m,1500000000", "0.500000000000,500000000",
            "1.,1000000000", "1e-1,100000000"})
    void processorSharesAreReadAsDockerAndKubernetesWriteThem(String text, long nanos) {
        assertEquals(nanos, CpuLimit.parse(text).nanos());
        if (!text.endsWith("m")) {
            assertEquals(nanos, CpuLimit.ofCores(new BigDecimal(text)).nanos());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "+1", "0.001", "9m", "0.5m", "1e6", "0.333333", "1,5", "500M", "m", ".",
            "1000000",
            " 1", "1 ", "0x1", "NaN", "٣", "0.1234567890"})
    void sharesThatDockerWouldRefuseOrTheKernelWouldBendAreRefused(String text) {
        assertThrows(InvalidValue.class, () -> CpuLimit.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0.5", "0.0000000001", "0.5000000001", "1e30", "-1e30"})
    void numbersOfCoresAreHeldToTheSameRules(BigDecimal cores) {
        assertThrows(InvalidValue.class, () -> CpuLimit.ofCores(cores));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "512,512", "512b,512", "1k,1024", "1K,1024", "1kb,1024", "1KiB,1024", "512m,536870912",
            "1g,1073741824", "1.5g,1610612736", "1 g,1073741824", "1t,1099511627776", "0.5k,512",
            "1p,1125899906842624"})
    void amountsOfMemoryAreReadAsDockerWritesThem(String text, long bytes) {
        assertEquals(bytes, MemorySize.parse(text).bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0m", "-1", "1x", "m", "1e3", "1,5g", "1..5g", "9999999999999p", "1  g", "1gg",
            " 1g",
            "18446744073709551616", "4611686018427387904", "6291456.5"})
    void amountsThatAreNoneAreRefused(String text) {
        assertThrows(InvalidValue.class, () -> MemorySize.parse(text));
    }

    @Test
    void aLimitUnderTheEnginesMinimumIsRefused() {
        assertThrows(InvalidValue.class, () -> MemorySize.parse("6291455").asLimit());
        assertEquals(6 << 20, MemorySize.parse("6m").asLimit().bytes());
        assertThrows(InvalidValue.class, () -> MemorySize.ofBytes(new BigDecimal("1.5")));
        assertThrows(InvalidValue.class, () -> MemorySize.ofBytes(new BigDecimal("4611686018427387904")));
    }

    @ParameterizedTest
    @CsvSource({"80,80/tcp", "80/tcp,80/tcp", "80/TCP,80/tcp", "53/udp,53/udp", "9/sctp,9/sctp", "65535,65535/tcp"})
    void portsAreReadIntoOneForm(String text, String key) {
        assertEquals(key, PortMapping.parse(text, "", 0).key());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65536", "99999", "100000", "-1", "80/", "/tcp", "80/icmp", "80-90", "80:80",
            "tcp/80", "a"})
    void portsThatAreNoneAreRefused(String text) {
        assertThrows(InvalidValue.class, () -> PortMapping.parse(text, "", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1", "::ffff:10.0.0.1"})
    void addressesOfTheHostMayBeOfBothFamilies(String ip) {
        assertEquals(ip, PortMapping.parse("80", ip, 0).hostIp());
    }

    @ParameterizedTest
    @ValueSource(strings = {"256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "localhost", ":::", "1::2::3",
            "fe80::1%eth0", ":",
            "[::1]", "12345::", " 127.0.0.1"})
    void whatIsNoAddressIsRefused(String ip) {
        assertThrows(InvalidValue.class, () -> PortMapping.parse("80", ip, 0));
    }
}
