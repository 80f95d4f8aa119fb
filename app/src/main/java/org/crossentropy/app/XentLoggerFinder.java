package org.crossentropy.app;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Sends what libraries log to standard error, one line each. The command shows the backend it uses in its own output, so
 * warnings and worse are enough, unless {@code --verbose} asks for more.
 */
public final class XentLoggerFinder extends System.LoggerFinder {

    private static volatile System.Logger.Level threshold = System.Logger.Level.WARNING;

    /** Called by the service loader. */
    public XentLoggerFinder() {}

    static void setThreshold(System.Logger.Level level) {
        threshold = level;
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new StandardErrorLogger(name);
    }

    private record StandardErrorLogger(String name) implements System.Logger {

        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return level != Level.OFF && level.compareTo(threshold) >= 0;
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            print(level, thrown == null ? String.valueOf(message) : message + ": " + thrown);
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... values) {
            boolean plain = format == null || values == null || values.length == 0;
            print(level, plain ? String.valueOf(format) : MessageFormat.format(format, values));
        }

        private void print(Level level, String text) {
            if (isLoggable(level)) {
                System.err.println(name + ": " + level.getName() + ": " + text);
            }
        }
    }
}
