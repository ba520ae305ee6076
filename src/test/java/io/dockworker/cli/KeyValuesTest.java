package io.dockworker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class KeyValuesTest {
    @Test
    void everyValueIsOfTheKindThatTheSchemaSays() throws Exception {
        assertEquals(Json.own("""
                {"type":"create","image":"nginx:1.29","name":"5","count":2,"start":false,
                 "env":{"A":"1","B.C":"true"},"ports":{"80/tcp":0,"81/tcp":{"host_ip":"127.0.0.1","host_port":8081}},
                 "labels":{"com.example.team":"x"},"resources":{"cpu_limit":"500m","pids_limit":20},
                 "command":["sleep","60"],"deadline_seconds":30}"""),
                made("create", "image=nginx:1.29", "name=5", "count=2", "start=false", "env.A=1", "env.B.C=true",
                        "ports.80/tcp=0", "ports.81/tcp.host_ip=127.0.0.1", "ports.81/tcp.host_port=8081",
                        "labels.com.example.team=x", "resources.cpu_limit=500m", "resources.pids_limit=20",
                        "command=sleep", "command=60", "deadline_seconds=30"));
    }

    @Test
    void listsAndObjectsMayBeJson() throws Exception {
        assertEquals(Json.own("""
                {"type":"create","image":"x","command":["a b","[c"],"ports":{"80/tcp":{"host_port":1}},
                 "env":{"A":"{}"}}"""),
                made("create", "image=x", "command=[\"a b\",\"[c\"]", "ports={\"80/tcp\":{\"host_port\":1}}",
                        "env={\"A\":\"{}\"}"));
    }

    @Test
    void oneNameMayMeanAnotherKindInAnotherCommand() throws Exception {
        assertEquals(Json.own("{\"type\":\"remove\",\"target\":\"a=b\",\"volumes\":true}"),
                made("remove", "target=a=b", "volumes=true"));
    }

    @Test
    void whatFitsNoKindIsLeftToTheDecoderAndItsWords() throws Exception {
        assertTrue(refused("create", "image=x", "count=many").startsWith("/count: "));
        assertTrue(refused("create", "imagee=x").contains("did you mean `image`?"));
        assertTrue(refused("create", "image=x", "resources.cpu_limitt=1").contains("did you mean `cpu_limit`?"));
        assertTrue(refused("creat", "image=x").contains("did you mean `create`?"));
    }

    @Test
    void aWordThatIsNoPairOrComesTwiceIsSaid() {
        assertThrows(KeyValues.Unusable.class, () -> made("stop", "web"));
        assertThrows(KeyValues.Unusable.class, () -> made("stop", "target=a", "target=b"));
        assertThrows(KeyValues.Unusable.class, () -> made("create", "env=a", "env.A=b"));
    }

    @Test
    void sendWaitsAMinuteBeyondTheLongestDeadline() throws Exception {
        Checked stop = Checked.of(made("stop", "target=a"), "");
        Checked brief = Checked.of(made("pull", "image=x", "deadline_seconds=30"), "");
        Checked pull = Checked.of(made("pull", "image=x"), "");
        assertEquals(List.of(660L, 90L, 3660L), Stream
                .of(List.of(brief, stop), List.of(brief), List.of(stop, pull, brief))
                .map(commands -> SendVerb.patience(commands).toSeconds()).toList());
    }

    @Test
    void aFileHoldsOneCommandOrAnArrayOrLines() throws Exception {
        assertEquals(1, file("{\"type\":\"start\"}").size());
        assertEquals(2, file("[{\"type\":\"start\"},\n{\"type\":\"stop\"}]").size());
        assertEquals(3, file("{\"type\":\"start\"}\n{\"type\":\"stop\"}\n\n{\"type\":\"remove\"}\n").size());
        assertTrue(assertThrows(KeyValues.Unusable.class, () -> file("{\"type\":\"start\"}\n{oops}")).getMessage()
                .startsWith("a file, line 2, "));
        assertThrows(KeyValues.Unusable.class, () -> file("{\"type\":\"start\",\"type\":\"stop\"}"));
        assertThrows(KeyValues.Unusable.class, () -> file(" \n"));
    }

    private static JsonNode made(String type, String... words) throws KeyValues.Unusable {
        // Numbers of both sides in one form.
        return Json.own(KeyValues.command(type, List.of(words)).toString());
    }

    private static String refused(String type, String... words) throws KeyValues.Unusable {
        JsonNode command = KeyValues.command(type, List.of(words));
        return assertThrows(KeyValues.Unusable.class, () -> Checked.of(command, "")).getMessage();
    }

    private static List<JsonNode> file(String text) throws IOException, KeyValues.Unusable {
        return CommandFile.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "a file");
    }
}
