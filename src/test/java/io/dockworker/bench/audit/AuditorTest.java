package io.dockworker.bench.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dockworker.bench.audit.Finding.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A record that is as it should be is clean, and whatever is done to it is found: by its kind, and nothing beside. */
final class AuditorTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String WEB = "a".repeat(64);
    private static final String JOB = "b".repeat(64);
    private static final String OTHER = "c".repeat(64);

    private final List<Evidence.Entry> commands = new ArrayList<>();
    private final List<Evidence.Entry> results = new ArrayList<>();
    private final List<Evidence.Call> calls = new ArrayList<>();
    private final List<JsonNode> containers = new ArrayList<>();
    private final Map<String, Integer> runs = new HashMap<>();

    AuditorTest() {
        command("web", "{'id':'1','type':'create','name':'web','image':'i'}");
        command("web", "{'id':'2','type':'kill','target':'web','signal':'SIGUSR1'}");
        command("web", "{'id':'3','type':'update','target':'web','resources':{'memory_limit':33554432}}");
        command("web", "{'id':'4','type':'restart','target':'web'}");
        // Redelivered.
        command("web", "{'id':'4','type':'restart','target':'web'}");
        command("i", "{'id':'5','type':'create','image':'i','labels':{'kind':'job'}}");
        command("gone", "{'id':'6','type':'create','name':'gone','image':'i'}");
        command("gone", "{'id':'7','type':'remove','target':'gone'}");
        command("web", "{'id':'8','type':'cancel','command_id':'9'}");
        command("web", "{'id':'9','type':'create','name':'web','image':'i'}");
        result("1", "create", WEB, "web", "running", 1);
        result("2", "kill", WEB, "web", "running", 2);
        result("3", "update", WEB, "web", "running", 3);
        result("4", "restart", WEB, "web", "running", 4);
        result("5", "create", JOB, "i-5", "running", 1);
        result("6", "create", OTHER, "gone", "running", 1);
        result("7", "remove", OTHER, "gone", "removed", 2);
        results.add(new Evidence.Entry(0, results.size(), "web",
                json("{'command_id':'8','status':'succeeded','changed':true,'attempts':0,'containers':[]}")));
        results.add(new Evidence.Entry(0, results.size(), "web",
                json("{'command_id':'9','status':'cancelled','changed':false,'attempts':0,'containers':[]}")));
        call("/v1.41/containers/create?name=web", 201);
        call("/v1.41/containers/" + WEB + "/start", 204);
        call("/v1.41/containers/" + WEB + "/kill?signal=SIGUSR1", 204);
        call("/v1.41/containers/" + WEB + "/stop", 204);
        call("/v1.41/containers/" + WEB + "/start", 204);
        call("/v1.41/containers/" + WEB + "/start", 304);
        call("/v1.41/containers/" + JOB + "/start", 204);
        call("/v1.41/containers/create?name=gone", 201);
        call("/v1.41/containers/" + OTHER + "/start", 204);
        container(WEB, "web", "running", "1");
        container(JOB, "i-5", "exited", "5");
        runs.putAll(Map.of(WEB.substring(0, 12), 2, JOB.substring(0, 12), 1, OTHER.substring(0, 12), 1));
    }

    @Test
    void whatIsAsItShouldBeIsClean() {
        finds();
    }

    @Test
    void aCommandWithoutAResultIsLost() {
        results.remove(7);
        finds(Kind.LOST);
    }

    @Test
    void aSecondResultIsFoundAlsoIfItSaysTheSame() {
        results.add(new Evidence.Entry(0, 99, "web", results.get(3).body()));
        finds(Kind.DUPLICATE_RESULT);
    }

    @Test
    void aResultOfWhatNobodySentIsFound() {
        results.add(new Evidence.Entry(0, 99, "web", json("{'command_id':'x','status':'succeeded'}")));
        finds(Kind.RESULT_OF_NOTHING);
    }

    @Test
    void aSecondContainerOfOneCreateIsFoundOnTheEngine() {
        container("d".repeat(64), "i-5-again", "exited", "5");
        finds(Kind.DOUBLED_CONTAINER, Kind.STATE);
    }

    @Test
    void aSecondContainerIsFoundAmongTheCallsAlsoWhenItIsGoneAgain() {
        call("/v1.41/containers/create?name=gone", 201);
        finds(Kind.DOUBLED_CONTAINER);
    }

    @Test
    void aSecondStartIsFoundAmongTheCalls() {
        call("/v1.41/containers/" + WEB + "/start", 204);
        finds(Kind.DOUBLED_START);
    }

    @Test
    void aSecondRunOfAJobIsFoundAlsoWhereNobodySawTheCall() {
        runs.put(JOB.substring(0, 12), 2);
        finds(Kind.DOUBLED_START);
    }

    @Test
    void aSignalSentTwiceIsFound() {
        call("/v1.41/containers/" + WEB + "/kill?signal=SIGUSR1", 204);
        finds(Kind.DOUBLED_SIGNAL);
    }

    @Test
    void aSignalThatTheEngineMayHaveSentCountsAsSent() {
        call("/v1.41/containers/" + WEB + "/kill?signal=SIGUSR1", -1);
        finds(Kind.DOUBLED_SIGNAL);
    }

    @Test
    void whatIsSaidAndWasNeverAskedOfTheEngineIsFound() {
        calls.removeIf(call -> call.path().contains("/kill"));
        finds(Kind.NOT_DONE);
    }

    @Test
    void aStartThatIsSaidAndWasNotIsFound() {
        calls.removeIf(call -> call.isPost("start") && call.container().equals(Optional.of(JOB)));
        runs.remove(JOB.substring(0, 12));
        finds(Kind.NOT_DONE, Kind.NOT_DONE);
    }

    @Test
    void resultsInAnotherOrderThanTheCommandsAreFound() {
        results.set(0, new Evidence.Entry(0, 50, "web", results.get(0).body()));
        finds(Kind.ORDER);
    }

    @Test
    void aCommandThatBeginsBeforeTheOneBeforeHasEndedIsFound() {
        ((ObjectNode) results.get(1).body()).put("started_at", "2026-01-01T00:00:01.100Z");
        finds(Kind.ORDER);
    }

    @Test
    void aContainerThatShouldBeGoneIsFound() {
        container(OTHER, "gone", "running", "6");
        finds(Kind.STATE);
    }

    @Test
    void aContainerThatShouldBeThereIsMissed() {
        containers.removeFirst();
        finds(Kind.STATE);
    }

    @Test
    void anotherStateNameOrLimitThanTheLastResultSaysIsFound() {
        container(0).withObject("/State").put("Status", "exited");
        container(0).put("Name", "/else");
        container(0).withObject("/HostConfig").put("Memory", 1);
        finds(Kind.STATE, Kind.STATE, Kind.STATE);
    }

    @Test
    void oneThatWasReplacedShouldBeGone() {
        command("web", "{'id':'10','type':'replace','target':'web'}");
        result("10", "replace", "d".repeat(64), "web", "running", 5);
        call("/v1.41/containers/" + "d".repeat(64) + "/start", 204);
        container("d".repeat(64), "web", "running", "10");
        finds(Kind.STATE);
        containers.removeFirst();
        finds();
    }

    @Test
    void aKeyMayHaveTwoContainersWhereOneWasRenamed() {
        command("web", "{'id':'10','type':'rename','target':'web','name':'old'}");
        command("web", "{'id':'11','type':'create','name':'web','image':'i'}");
        result("10", "rename", WEB, "old", "running", 5);
        result("11", "create", "d".repeat(64), "web", "running", 5);
        call("/v1.41/containers/" + "d".repeat(64) + "/start", 204);
        container(0).put("Name", "/old");
        container("d".repeat(64), "web", "running", "11");
        finds();
    }

    @Test
    void aContainerOfACommandThatWasCancelledIsFound() {
        container("d".repeat(64), "web-2", "running", "9");
        finds(Kind.STATE);
    }

    @Test
    void whatNobodyCanKnowIsNoFinding() {
        ((ObjectNode) results.get(1).body()).put("status", "unknown");
        calls.removeIf(call -> call.path().contains("/kill"));
        finds();
    }

    /** Their key is the image, of which others have theirs. */
    @Test
    void whatIsUnknownOfAContainerWithoutANameIsNobodyElses() {
        command("i", "{'id':'10','type':'create','image':'i','labels':{'kind':'job'}}");
        command("i", "{'id':'11','type':'create','image':'i','labels':{'kind':'job'}}");
        String later = "d".repeat(64);
        result("11", "create", later, "i-11", "running", 3);
        givenUp("i", "10", 1);
        call("/v1.41/containers/" + later + "/start", 204);
        container(later, "i-11", "exited", "11");
        runs.put(later.substring(0, 12), 1);
        finds();

        call("/v1.41/containers/" + later + "/start", 204);
        finds(Kind.DOUBLED_START);
    }

    /** It is made while the one that had the name before, and has the key, is still at work. */
    @Test
    void aContainerUnderANameThatIsFreeAgainHasTurnsOfItsOwn() {
        command("web", "{'id':'10','type':'rename','target':'web','name':'old'}");
        command("web", "{'id':'11','type':'restart','target':'old'}");
        command("web", "{'id':'12','type':'create','name':'web','image':'i'}");
        result("10", "rename", WEB, "old", "running", 5);
        result("11", "restart", WEB, "old", "running", 7);
        givenUp("web", "12", 6);
        call("/v1.41/containers/" + WEB + "/restart", 204);
        runs.put(WEB.substring(0, 12), 3);
        container(0).put("Name", "/old");
        finds();
    }

    @Test
    void whatWasRefusedAndMadeAllTheSameIsFoundAlsoWhenItIsGoneAgain() {
        command("no", "{'id':'10','type':'create','name':'no','image':'i'}");
        results.add(new Evidence.Entry(0, results.size(), "no",
                json("{'command_id':'10','status':'expired','changed':false,'attempts':0,'containers':[]}")));
        call("/v1.41/containers/create?name=no", 201);
        finds(Kind.DOUBLED_CONTAINER);
    }

    private void finds(Kind... kinds) {
        Report report = Report.of(new Evidence(commands, results, calls, containers, runs));
        assertEquals(List.of(kinds), report.findings().stream().map(Finding::kind).toList(),
                () -> report.json().toPrettyString());
        assertEquals(kinds.length == 0, report.isClean());
    }

    private void command(String key, String body) {
        commands.add(new Evidence.Entry(0, commands.size(), key, json(body)));
    }

    /** @param turn when it was executed: each takes a second */
    private void result(String id, String type, String container, String name, String state, int turn) {
        results.add(new Evidence.Entry(0, results.size(), "", json("""
                {'command_id':'%1$s','type':'%2$s','status':'succeeded','changed':true,'attempts':1,
                 'containers':[{'id':'%3$s','name':'%4$s','state':'%5$s','status':'succeeded'}],
                 'started_at':'2026-01-01T00:00:0%6$s.200Z','finished_at':'2026-01-01T00:00:0%6$s.900Z','error':null}"""
                .formatted(id, type, container, name, state, turn))));
    }

    /** A create that five workers have died of: nobody looked any more, so that it names no container. */
    private void givenUp(String key, String id, int began) {
        results.add(new Evidence.Entry(0, results.size(), key, json("""
                {'command_id':'%s','type':'create','status':'unknown','changed':false,'attempts':5,'containers':[],
                 'started_at':'2026-01-01T00:00:0%s.200Z','finished_at':'2026-01-01T00:00:08.900Z',
                 'error':{'code':'OUTCOME_UNKNOWN'}}""".formatted(id, began))));
    }

    /** @param status below 0: no answer */
    private void call(String path, int status) {
        calls.add(new Evidence.Call("POST", path, status < 0 ? OptionalInt.empty() : OptionalInt.of(status)));
    }

    private void container(String id, String name, String state, String command) {
        containers.add(json("""
                {'Id':'%s','Name':'/%s','State':{'Status':'%s','ExitCode':0},'HostConfig':{'Memory':33554432},
                 'Config':{'Labels':{'io.dockworker.command-id':'%s'}}}""".formatted(id, name, state, command)));
    }

    private ObjectNode container(int index) {
        return (ObjectNode) containers.get(index);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
