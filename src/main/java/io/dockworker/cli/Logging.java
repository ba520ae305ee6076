package io.dockworker.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import io.dockworker.settings.Settings;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Applies the log settings. */
final class Logging {
    private Logging() {}

    static void apply(Settings.Log log) {
        logger("io.dockworker").setLevel(Level.valueOf(log.level().name()));
        log.file().ifPresent(Logging::alsoTo);
    }

    /** For verbs that talk to a person: only what is wrong is logged. */
    static void quiet() {
        logger("io.dockworker").setLevel(Level.WARN);
        // What they print is for programs too.
        if (logger(Logger.ROOT_LOGGER_NAME).getAppender("console") instanceof ConsoleAppender<?> console) {
            console.stop();
            console.setTarget("System.err");
            console.start();
        }
    }

    private static void alsoTo(Path file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level [%thread] %logger{0} %msg%n%ex");
        encoder.start();
        var appender = new FileAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        appender.start();
        logger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
