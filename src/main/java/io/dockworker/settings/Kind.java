package io.dockworker.settings;

import java.util.List;

/** What a setting's value must look like. The bounds stand here once: the reader checks them, the help shows them. */
sealed interface Kind {
    String describe();

    record Text(String describe) implements Kind {}

    /** Shown nowhere. */
    record Hidden(String describe) implements Kind {}

    record Whole(int least, int most) implements Kind {
        @Override
        public String describe() {
            return most == Integer.MAX_VALUE ? "number, at least " + least : "number, " + least + " to " + most;
        }
    }

    record Switch() implements Kind {
        @Override
        public String describe() {
            return "true or false";
        }
    }

    record OneOf(List<String> words) implements Kind {
        @Override
        public String describe() {
            return String.join(", ", words);
        }
    }

    record File() implements Kind {
        @Override
        public String describe() {
            return "path";
        }
    }

    record Pairs() implements Kind {
        @Override
        public String describe() {
            return "name=value,…";
        }
    }
}
