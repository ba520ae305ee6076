package io.dockworker.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dockworker.command.ErrorCode;
import java.util.List;

/** Records of the commands topic, good and bad, for every test that needs some. */
final class Samples {
    /** @param schemaSays whether JSON Schema can express what is wrong with it */
    record Bad(String json, String pointer, ErrorCode code, String hint, boolean schemaSays) {
        @Override
        public String toString() {
            return pointer + " in " + json;
        }
    }

    static final List<String> ACCEPTED = List.of(
            // No id: one is made.
            "{\"type\":\"create\",\"image\":\"nginx\"}", """
                    {"id":"a:B_c-1.2","type":"create","image":"ghcr.io/acme/web:1.2@sha256:%s","name":"web","count":1,
                     "start":false,"env":{"A":"b=c","EMPTY":"","N":1.50,"YES":true,"big":12e2},"entrypoint":["sh","-c"],
                     "command":["echo","ü 😀"],
                     "ports":{"80":0,"443/tcp":8443,"53/UDP":{"host_ip":"127.0.0.1","host_port":0},
                       "54/udp":{"host_ip":"::1"},"9/sctp":{}},
                     "resources":{"cpu_limit":"500m","memory_limit":"64m","memory_reservation":6291456,
                       "pids_limit":-1,"shm_size":"1.5GiB"},
                     "labels":{"team":"shop","managed-by-me":"x","tier":2},"network_mode":"bridge",
                     "pull_policy":"never","host":"host-a","source":"me","correlation_id":"c 1",
                     "traceparent":"00-%s-%s-01","expires_at":"2030-01-31T12:00:00.5+02:00","deadline_seconds":604800}
                    """.formatted("a".repeat(64), "b".repeat(32), "c".repeat(16)),
            "{\"id\":\"1\",\"type\":\"create\",\"image\":\"nginx\",\"count\":1000,\"ports\":{\"80/tcp\":0}}",
            "{\"id\":\"1\",\"type\":\"create\",\"image\":\"nginx\",\"count\":3.0,\"resources\":{\"cpu_limit\":1}}",
            "{\"id\":\"1\",\"type\":\"create\",\"image\":\"localhost:5000/x\",\"resources\":{\"cpu_limit\":0.25}}",
            "{\"id\":\"1\",\"type\":\"start\",\"target\":\"web\"}",
            "{\"id\":\"1\",\"type\":\"start\",\"image\":\"nginx:alpine\"}",
            "{\"id\":\"1\",\"type\":\"stop\",\"target\":\"0123456789ab\",\"stop_grace_period\":\"1m30s\",\"signal\":\"term\"}",
            "{\"id\":\"1\",\"type\":\"stop\",\"target\":\"web\",\"stop_grace_period\":\"0s\",\"signal\":15}",
            "{\"id\":\"1\",\"type\":\"stop\",\"image\":\"nginx\",\"signal\":\"SIGRTMIN+3\"}",
            "{\"id\":\"1\",\"type\":\"remove\",\"target\":\"web\",\"force\":false,\"volumes\":true}",
            "{\"id\":\"1\",\"type\":\"delete\",\"image\":\"nginx\",\"expires_at\":\"2030-01-31t12:00:00z\"}");

    static final List<Bad> REJECTED = List.of(
            invalid("{'type':'creat'}", "/type", "did you mean `create`?"),
            unsupported("{'type':'restart','target':'web'}", "/type", "restart"),
            unsupported("{'type':'scale','count':2}", "/type", "scale"),
            unsupported("{'type':'create','image':'a','volumes':[]}", "/volumes", "volumes"),
            unsupported("{'type':'create','image':'a','restart_policy':{'name':'always'}}", "/restart_policy",
                    "restart"),
            // Fields.
            invalid("{'type':'create'}", "/image", "needs an `image`"),
            invalid("{'type':'create','image':null}", "/image", "leave the field out"),
            invalid("{'type':'create','image':3}", "/image", "not a number"),
            byCode("{'type':'create','image':'NGINX:'}", "/image", "lower case"),
            invalid("{'type':'create','imgae':'nginx'}", "/imgae", "did you mean `image`?"),
            invalid("{'type':'create','image':'a','cpu_limit':'1'}", "/cpu_limit", "stands in `resources`"),
            invalid("{'type':'create','image':'a','environment':{}}", "/environment", "did you mean `env`?"),
            invalid("{'type':'create','image':'a','pullPolicy':'never'}", "/pullPolicy", "did you mean `pull_policy`?"),
            invalid("{'type':'create','image':'a','a/b~c':1}", "/a~1b~0c", "unknown field"),
            invalid("{'type':'start','target':'web','force':true}", "/force", "`start` has no field `force`"),
            invalid("{'type':'create','image':'a','name':'-web'}", "/name", "starts with a letter or digit"),
            byCode("{'type':'create','image':'a','count':2,'name':'%s'}".formatted("n".repeat(127)), "/name", "128"),
            invalid("{'type':'create','image':'a','count':0}", "/count", "from 1 to 1000"),
            invalid("{'type':'create','image':'a','count':1001}", "/count", "from 1 to 1000"),
            invalid("{'type':'create','image':'a','count':1.5}", "/count", "whole number"),
            invalid("{'type':'create','image':'a','count':'2'}", "/count", "not text"),
            invalid("{'type':'create','image':'a','start':'true'}", "/start", "without quotes"),
            invalid("{'type':'create','image':'a','env':['A=b']}", "/env", "write an object"),
            invalid("{'type':'create','image':'a','env':{'A':{}}}", "/env/A", "not an object"),
            invalid("{'type':'create','image':'a','env':{'A':null}}", "/env/A", "leave the field out"),
            invalid("{'type':'create','image':'a','env':{'A=B':'c'}}", "/env/A=B", "no `=`"),
            invalid("{'type':'create','image':'a','env':{'':'c'}}", "/env/", "not empty"),
            invalid("{'type':'create','image':'a','command':'sleep 1'}", "/command", "write an array"),
            invalid("{'type':'create','image':'a','command':['sleep',1]}", "/command/1", "in quotes"),
            invalid("{'type':'create','image':'a','ports':['80:80']}", "/ports", "write an object"),
            invalid("{'type':'create','image':'a','ports':{'80/icmp':0}}", "/ports/80~1icmp", "tcp, udp or sctp"),
            byCode("{'type':'create','image':'a','ports':{'0/tcp':0}}", "/ports/0~1tcp", "between 1 and 65535"),
            invalid("{'type':'create','image':'a','ports':{'80/tcp':65536}}", "/ports/80~1tcp", "65535"),
            invalid("{'type':'create','image':'a','ports':{'80/tcp':'8080'}}", "/ports/80~1tcp", "as a number"),
            invalid("{'type':'create','image':'a','ports':{'80/tcp':{'host_port':-1}}}", "/ports/80~1tcp/host_port",
                    "0"),
            invalid("{'type':'create','image':'a','ports':{'80/tcp':{'hostPort':1}}}", "/ports/80~1tcp/hostPort",
                    "did you mean `host_port`?"),
            byCode("{'type':'create','image':'a','ports':{'80/tcp':{'host_ip':'1.2.3.256'}}}", "/ports/80~1tcp/host_ip",
                    "address"),
            byCode("{'type':'create','image':'a','ports':{'80/tcp':{'host_ip':'localhost'}}}", "/ports/80~1tcp/host_ip",
                    "address"),
            byCode("{'type':'create','image':'a','ports':{'80':0,'80/tcp':0}}", "/ports/80~1tcp", "stands twice"),
            byCode("{'type':'create','image':'a','count':2,'ports':{'80':8080}}", "/ports", "port 0"),
            byCode("{'type':'create','image':'a','network_mode':'host','ports':{'80':0}}", "/ports", "`host`"),
            invalid("{'type':'create','image':'a','resources':{'cpu_limt':1}}", "/resources/cpu_limt",
                    "did you mean `cpu_limit`?"),
            invalid("{'type':'create','image':'a','resources':{'cpu_limit':'500 m'}}", "/resources/cpu_limit",
                    "millicores"),
            invalid("{'type':'create','image':'a','resources':{'cpu_limit':0.001}}", "/resources/cpu_limit", "0.01"),
            byCode("{'type':'create','image':'a','resources':{'cpu_limit':0.1234567890123}}", "/resources/cpu_limit",
                    "5 decimals"),
            byCode("{'type':'create','image':'a','resources':{'memory_limit':'5m'}}", "/resources/memory_limit", "6m"),
            byCode("{'type':'create','image':'a','resources':{'memory_reservation':1}}",
                    "/resources/memory_reservation",
                    "6m"),
            byCode("{'type':'create','image':'a','resources':{'memory_limit':'8m','memory_reservation':'9m'}}",
                    "/resources/memory_reservation", "exceed"),
            invalid("{'type':'create','image':'a','resources':{'memory_limit':true}}", "/resources/memory_limit",
                    "unit"),
            invalid("{'type':'create','image':'a','resources':{'pids_limit':0}}", "/resources/pids_limit", "-1"),
            invalid("{'type':'create','image':'a','labels':{'managed-by':'x'}}", "/labels/managed-by", "another name"),
            invalid("{'type':'create','image':'a','labels':{'io.dockworker.host':'x'}}", "/labels/io.dockworker.host",
                    "another name"),
            invalid("{'type':'create','image':'a','network_mode':''}", "/network_mode", "1 to 256"),
            invalid("{'type':'create','image':'a','pull_policy':'Always'}", "/pull_policy", "\"always\""),
            // Whom it is about.
            invalid("{'type':'start'}", "/target", "`target` for one"),
            invalid("{'type':'remove','target':'a','image':'b'}", "/image", "not both"),
            invalid("{'type':'stop','target':'../x'}", "/target", "container's name"),
            byCode("{'type':'stop','target':'a','stop_grace_period':'25h'}", "/stop_grace_period", "at most 24h"),
            byCode("{'type':'stop','target':'a','stop_grace_period':'1500ms'}", "/stop_grace_period", "whole seconds"),
            invalid("{'type':'stop','target':'a','stop_grace_period':10}", "/stop_grace_period", "in quotes"),
            invalid("{'type':'stop','target':'a','stop_grace_period':'ten'}", "/stop_grace_period", "1m30s"),
            byCode("{'type':'stop','target':'a','signal':'SIGNOPE'}", "/signal", "SIGTERM"),
            invalid("{'type':'stop','target':'a','signal':99}", "/signal", "SIGTERM"),
            // What every command has.
            invalid("{'type':'start','target':'a','host':'a b'}", "/host", "host id"),
            byCode("{'type':'start','target':'a','expires_at':'2030-02-31T00:00:00Z'}", "/expires_at", "RFC 3339"),
            byCode("{'type':'start','target':'a','expires_at':'2030-01-31T12:00:00'}", "/expires_at", "offset"),
            invalid("{'type':'start','target':'a','deadline_seconds':0}", "/deadline_seconds", "from 1"),
            invalid("{'type':'start','target':'a','deadline_seconds':604801}", "/deadline_seconds", "604800"),
            invalid("{'type':'start','target':'a','source':'%s'}".formatted("s".repeat(257)), "/source", "256"),
            // Text that nothing can store.
            invalid("{'type':'start','target':'a\\u0000'}", "/target", "NUL"),
            byCode("{'type':'create','image':'a','env':{'A':'\\ud800'}}", "/env/A", "surrogate"),
            byCode("{'type':'create','image':'a','env':{'A\\u0000':'b'}}", "/env/A\uFFFD", "NUL"),
            byCode("{'type':'create','image':'a','command':['x','\\udc00\\ud800']}", "/command/1", "surrogate"));

    private Samples() {}

    private static Bad invalid(String json, String pointer, String hint) {
        return new Bad(json.replace('\'', '"'), pointer, ErrorCode.INVALID_COMMAND, hint, true);
    }

    /** Invalid for a reason that JSON Schema has no words for. */
    private static Bad byCode(String json, String pointer, String hint) {
        return new Bad(json.replace('\'', '"'), pointer, ErrorCode.INVALID_COMMAND, hint, false);
    }

    private static Bad unsupported(String json, String pointer, String hint) {
        return new Bad(json.replace('\'', '"'), pointer, ErrorCode.UNSUPPORTED, hint, true);
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
