package io.dockworker.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.dockworker.settings.Settings;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Applies the log settings. */
final class Logging {
    private Logging() {}

    static void apply(Settings.Log log) {
        logger("io.dockworker").setLevel(Level.valueOf(log.level().name()));
        if (log.format() == Settings.Log.Format.JSON) {
            logger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders().forEachRemaining(appender -> {
                if (appender instanceof OutputStreamAppender<ILoggingEvent> console) {
                    console.setEncoder(started(json()));
                }
            });
        }
        log.file().ifPresent(file -> alsoTo(file, log.format()));
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

    private static void alsoTo(Path file, Settings.Log.Format format) {
        var appender = new FileAppender<ILoggingEvent>();
        appender.setContext(context());
        appender.setFile(file.toString());
        appender.setEncoder(started(switch (format) {
            case TEXT -> text();
            case JSON -> json();
        }));
        appender.start();
        logger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    private static Encoder<ILoggingEvent> text() {
        var encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level [%thread] %logger{0} %msg%n%ex");
        return encoder;
    }

    /** One object a line; what a line is about, such as command_id and container_id, stands under mdc. */
    static Encoder<ILoggingEvent> json() {
        var encoder = new JsonEncoder();
        encoder.setWithContext(false);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }

    private static Encoder<ILoggingEvent> started(Encoder<ILoggingEvent> encoder) {
        encoder.setContext(context());
        encoder.start();
        return encoder;
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
