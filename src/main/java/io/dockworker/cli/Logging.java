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
import ch.qos.logback.core.recovery.ResilientFileOutputStream;
import ch.qos.logback.core.status.Status;
import io.dockworker.settings.Settings;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
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
        sayOnce(appender);
        appender.start();
        logger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    /** A file that cannot be written, as on a full disk, is tried again now and then; the console goes on all the same. */
    private static void sayOnce(FileAppender<ILoggingEvent> appender) {
        var said = new AtomicBoolean();
        context().getStatusManager().add(status -> {
            boolean stream = status.getOrigin() instanceof ResilientFileOutputStream;
            if (status.getLevel() == Status.ERROR && (stream || status.getOrigin() instanceof FileAppender<?>)) {
                if (said.compareAndSet(false, true)) {
                    String why = status.getThrowable() == null
                            ? status.getMessage()
                            : status.getThrowable().getMessage();
                    logger("io.dockworker").warn("LOG_FILE {} cannot be written: {}{}", appender.getFile(), why,
                            stream ? " (trying again)" : "");
                }
            } else if (stream) {
                // It has recovered; the next time is news again.
                said.set(false);
            }
        });
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
