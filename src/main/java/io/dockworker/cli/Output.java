package io.dockworker.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** In which form a verb writes what it found. */
final class Output {
    @Option(names = {"-o",
            "--output"}, paramLabel = "FORM", defaultValue = "table", converter = FormOf.class, description = "table, for people, or json, for programs (default: ${DEFAULT-VALUE})")
    private Form form = Form.TABLE;

    /** The forms. */
    enum Form {
        TABLE, JSON
    }

    boolean isJson() {
        return form == Form.JSON;
    }

    /** Reads it in small letters, as everything else here. */
    static final class FormOf implements ITypeConverter<Form> {
        @Override
        public Form convert(String word) {
            return switch (word.toLowerCase(Locale.ROOT)) {
                case "table" -> Form.TABLE;
                case "json" -> Form.JSON;
                default -> throw new TypeConversionException("'" + word + "' is neither table nor json");
            };
        }
    }
}
