package io.dockworker.cli;

import io.dockworker.cli.Finding.Verdict;
import io.dockworker.settings.Settings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Whether a worker could run here. */
@Command(name = "doctor", mixinStandardHelpOptions = true, header = "Checks everything that a worker on this machine needs, and says the mend.", description = "Docker, PostgreSQL, Kafka, topics, the lock's directory, control groups, disk, clocks. "
        + "Changes nothing. Ends with 0, or 69 where something is missing.", footerHeading = "%nExamples:%n", footer = {
                "  ./dockworker doctor", "  ./dockworker doctor --output json",
                "  DOCKER_HOST=tcp://engine:2376 DOCKER_TLS_VERIFY=1 ./dockworker doctor"})
final class DoctorVerb implements Callable<Integer> {
    @Mixin
    private Client client;
    @Mixin
    private Output output;

    @Override
    public Integer call() throws Exception {
        Settings settings = client.settingsWithoutServices();
        List<Finding> findings = new Examination(settings).run();
        if (output.isJson()) {
            Json.printArray(findings.stream()
                    .map(one -> Json.object().put("check", one.check()).put("status", one.verdict().toString())
                            .put("detail", one.detail()).put("mend", one.mend()))
                    .toList());
        } else {
            var screen = new Screen(System.out);
            for (Finding one : findings) {
                screen.verdict(one.verdict(), one.check(), one.detail());
                if (!one.mend().isEmpty()) {
                    screen.line("", "→ " + one.mend());
                }
            }
        }
        return findings.stream().anyMatch(one -> one.verdict() == Verdict.FAILED)
                ? Exit.UNAVAILABLE.code
                : Exit.DONE.code;
    }
}
