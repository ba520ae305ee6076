# The worker. Maven makes its classes and libraries; a Java runtime alone goes into the image.
#
# It runs as root, without any capability (docker-compose.yml drops them): whoever may use the engine's socket is root on
# its machine anyway, the group that owns the socket has another number on each machine, and the lock and the counters of
# other processes are root's. To run it as somebody else: --user UID:GID_OF_THE_SOCKET, with a LOCK_DIR of theirs.
FROM maven:3.9.11-eclipse-temurin-25 AS build
WORKDIR /build
# Libraries change seldom, so they are a layer of their own. The embedded PostgreSQL of `up` and `demo` stays out.
COPY pom.xml ./
RUN mvn -B -ntp dependency:copy-dependencies -DincludeScope=runtime \
    -DexcludeGroupIds=io.zonky.test.postgres -DoutputDirectory=target/lib
COPY src/main src/main
COPY topics topics
RUN mvn -B -ntp -Dspotless.check.skip compile

FROM eclipse-temurin:25.0.3_9-jre
LABEL org.opencontainers.image.title="Dockworker" \
      org.opencontainers.image.description="Runs containers by message: commands from Kafka, executed once against Docker."
# The lock must be the host's: where nothing is mounted here, a worker refuses to start.
RUN mkdir -p /var/lib/dockworker
COPY --from=build /build/target/lib /opt/dockworker/lib
COPY --from=build /build/target/classes /opt/dockworker/classes
# Beyond loopback every request but /metrics and /health/* needs HTTP_TOKEN.
ENV HTTP_HOST=0.0.0.0 HTTP_PORT=8000
EXPOSE 8000
# Healthy is who takes commands. The runtime's image has no curl, but bash.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/$HTTP_PORT && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx256m", \
    "-cp", "/opt/dockworker/classes:/opt/dockworker/lib/*", "io.dockworker.Main"]
CMD ["run"]
