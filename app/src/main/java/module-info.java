import org.crossentropy.app.XentLoggerFinder;
import org.jspecify.annotations.NullMarked;

/**
 * The command {@code xent}: trains, evaluates and explains with every backend that is present, and compares and times
 * them. Charts are drawn by XChart, which only {@code xent explain --picture} and {@code xent bench --output} load.
 */
@NullMarked
module org.crossentropy.app {
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires java.desktop;
    requires org.crossentropy.api;
    requires org.crossentropy.tck;
    requires xchart;
    requires static transitive org.jspecify;

    opens org.crossentropy.app to
            info.picocli;

    provides System.LoggerFinder with
            XentLoggerFinder;
}
