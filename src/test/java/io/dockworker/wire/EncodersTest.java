package io.dockworker.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dockworker.command.ContainerStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EncodersTest {
    private static final String PORTS = "{\"80/tcp\":[{\"host_ip\":\"0.0.0.0\",\"host_port\":32768}]}";

    private final ResultEncoder results = new ResultEncoder(Outputs.HOST);

    @Test
    void aResultIsWrittenLetterForLetterAsTheContractShowsIt() {
        assertEquals("""
                {"command_id":"01J","type":"create","status":"succeeded","changed":true,"host":"host-a","attempts":1,\
                "containers":[{"id":"%s","name":"web-1","image":"nginx:alpine","image_id":"sha256:%s","host":"host-a",\
                "state":"running","ports":%s,"status":"succeeded","error":null}],\
                "received_at":"2026-01-31T12:00:00Z","started_at":"2026-01-31T12:00:00.003Z",\
                "finished_at":"2026-01-31T12:00:00.204Z",\
                "timings_ms":{"queued":3,"pull":0,"create":41,"start":160},"error":null}"""
                .formatted(Outputs.ID, "0".repeat(64), PORTS), ResultEncoder.value(Outputs.succeeded()));
        assertEquals("""
                {"command_id":"01J","type":"creat","status":"rejected","changed":false,"host":null,"attempts":0,\
                "containers":[],"received_at":"2026-01-31T12:00:00Z","started_at":null,\
                "finished_at":"2026-01-31T12:00:00Z","timings_ms":{},"error":{"code":"INVALID_COMMAND",\
                "message":"unknown type","field":"/type","retryable":false}}""",
                ResultEncoder.value(Outputs.rejected()));
    }

    @Test
    void aPartThatMadeNoContainerIsNamedAllTheSame() {
        assertTrue(ResultEncoder.value(Outputs.partial()).contains("""
                {"id":null,"name":"web-2","image":null,"image_id":null,"host":"host-a","state":null,"ports":{},\
                "status":"failed","error":{"code":"IMAGE_NOT_FOUND","message":"no such image","field":null,\
                "retryable":false}}]"""));
    }

    @Test
    void aResultsHeadersNameItsCommandAndPassOnWhatFollowsIt() {
        OutboundMessage message = results.encode("web".getBytes(UTF_8), Outputs.succeeded());
        assertEquals("results", message.topic());
        assertArrayEquals("web".getBytes(UTF_8), message.key());
        assertEquals(List.of("ce_specversion=1.0", "ce_id=result:01J", "ce_source=/hosts/host-a",
                "ce_type=io.dockworker.result.v1", "ce_time=2026-01-31T12:00:00.204Z", "content-type=application/json",
                "ce_subject=" + Outputs.ID, "ce_causationid=01J", "ce_correlationid=release-42",
                "traceparent=" + Outputs.TRACE),
                message.headers().stream().map(h -> h.name() + "=" + new String(h.value(), UTF_8)).toList());
        OutboundMessage rejected = results.encode(null, Outputs.rejected());
        assertNull(rejected.key());
        assertEquals(Optional.of("/hosts/host-a"), rejected.header("ce_source"));
        assertEquals(Optional.empty(), rejected.header("ce_subject"));
    }

    @Test
    void theListOfContainersStopsAtItsBoundAndSaysHowManyThereAre() throws Exception {
        OutboundMessage whole = results.encode(null, Outputs.of(1_000));
        assertFalse(json(whole).has("containers_total"));
        assertEquals(1_000, json(whole).get("containers").size());
        assertEquals("host-a", json(whole).at("/containers/0/host").asText(),
                "each its own, though the result has none");

        OutboundMessage cut = results.encode(null, Outputs.of(3_000));
        assertEquals(3_000, json(cut).get("containers_total").asInt());
        int bytes = json(cut).get("containers").toString().length();
        assertTrue(bytes <= 512 << 10 && bytes > (512 << 10) - 1_000, "bytes: " + bytes);

        JsonNode reduced = json(results.encodeReduced(null, Outputs.of(3_000)));
        assertEquals(0, reduced.get("containers").size());
        assertEquals(3_000, reduced.get("containers_total").asInt());
        assertTrue(reduced.get("reduced").asBoolean());
    }

    @Test
    void anEventIsWrittenAsTheContractShowsIt() {
        OutboundMessage message = new EventEncoder().encode(Outputs.event());
        assertEquals("""
                {"event_id":"e1","type":"stop","container_id":"%s","name":"web-1","image":"nginx:alpine",\
                "host":"host-a","ports":%s,"at":"2026-01-31T12:00:00Z","cause":"command","command_id":"01J",\
                "exit_code":137,"attributes":{"signal":"SIGKILL"}}""".formatted(Outputs.ID, PORTS), text(message));
        assertEquals(Outputs.ID.value(), new String(message.key(), UTF_8));
        assertEquals(Optional.of("io.dockworker.event.stop.v1"), message.header("ce_type"));
        assertEquals(Optional.of("e1"), message.header("ce_id"));
    }

    @Test
    void aHealthSampleIsWrittenAsTheContractShowsIt() {
        OutboundMessage message = new HealthEncoder().encode(Outputs.sample());
        assertEquals("""
                {"container_id":"%s","name":"web-1","image":"nginx:alpine","host":"host-a",\
                "sampled_at":"2026-01-31T12:00:00Z","interval_seconds":60,"cpu_usage":25.5,"memory_usage":45.2,\
                "disk_usage":67.8,"status":"healthy","reasons":[],"cpu_cores":0.13,"cpu_limit_cores":0.5,\
                "memory_bytes":1,"memory_limit_bytes":2,"network_rx_bytes":3,"network_tx_bytes":4,\
                "block_read_bytes":5,"block_write_bytes":6,"pids":7,"restart_count":0,"docker_health":"none"}"""
                .formatted(Outputs.ID), text(message));
        assertEquals(Optional.of("health:" + Outputs.ID + ":2026-01-31T12:00:00Z"), message.header("ce_id"));
    }

    @Test
    void stateIsKeyedByContainerAndATombstoneHasNoValue() throws Exception {
        var states = new StateEncoder();
        JsonNode running = json(states.encode(Outputs.HOST, Outputs.container(ContainerStatus.RUNNING), Outputs.NOON));
        assertTrue(running.get("exit_code").isNull());
        assertEquals("running", running.get("state").asText());
        JsonNode exited = json(states.encode(Outputs.HOST, Outputs.container(ContainerStatus.EXITED), Outputs.NOON));
        assertEquals(137, exited.get("exit_code").asInt());
        OutboundMessage gone = states.gone(Outputs.HOST, Outputs.ID, Outputs.NOON);
        assertNull(gone.value());
        assertEquals(Outputs.ID.value(), new String(gone.key(), UTF_8));
        assertEquals(Optional.of(Outputs.ID.value()), gone.header("ce_subject"));
    }

    @Test
    void aDeadLetterKeepsTheOriginalBytesAndSaysWhy() {
        OutboundMessage letter = Outputs.deadLetter().encode();
        assertArrayEquals(new byte[]{1}, letter.key());
        assertArrayEquals(new byte[]{(byte) 0xff, 0}, letter.value());
        assertArrayEquals(new byte[]{(byte) 0xfe}, letter.headers().getFirst().value());
        assertEquals(
                List.of("trace", "trace", "__dlq.errors.topic", "__dlq.errors.partition", "__dlq.errors.offset",
                        "__dlq.errors.message", "dockworker_error_code", "dockworker_host"),
                letter.headers().stream().map(OutboundMessage.Header::name).toList());
        assertEquals(Optional.of("1042"), letter.header("__dlq.errors.offset"));
        assertEquals(Optional.of("line 1, bad"), letter.header("__dlq.errors.message"));
        assertNull(Outputs.deadLetter().encodeReduced().value());
        assertArrayEquals(new byte[]{1}, Outputs.deadLetter().encodeReduced().key());
    }

    @Test
    void whatIsReducedIsSmallWhateverCame() {
        byte[] large = new byte[3 << 20];
        for (DeadLetter letter : List.of(letter(large, List.of()),
                letter(null, List.of(OutboundMessage.Header.of("a", "b"), new OutboundMessage.Header("c", large))))) {
            OutboundMessage reduced = letter.encodeReduced();
            assertTrue(reduced.key() == null, "the key goes, too");
            assertEquals(List.of(), reduced.headers().stream()
                    .filter(header -> header.value().length > 1_000 || header.name().equals("a")).toList());
        }
        assertTrue(results.encodeReduced(large, Outputs.of(2)).key() == null);
        assertArrayEquals(new byte[]{1}, results.encodeReduced(new byte[]{1}, Outputs.of(2)).key());
    }

    @Test
    void onlyALetterThatIsReducedSaysSo() {
        List<OutboundMessage.Header> forged = List.of(OutboundMessage.Header.of("dockworker_reduced", "perhaps"));
        assertEquals(Optional.empty(), letter(null, forged).encode().header("dockworker_reduced"));
        assertEquals(Optional.of("true"), letter(null, forged).encodeReduced().header("dockworker_reduced"));
    }

    private static DeadLetter letter(byte[] key, List<OutboundMessage.Header> headers) {
        return new DeadLetter(key, new byte[]{1}, headers, "commands", 0, 7, "NOT_JSON", "?", Outputs.HOST);
    }

    private static String text(OutboundMessage message) {
        return new String(message.value(), UTF_8);
    }

    private static JsonNode json(OutboundMessage message) throws JsonProcessingException {
        return new ObjectMapper().readTree(text(message));
    }
}
