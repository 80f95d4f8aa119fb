import org.crossentropy.app.XentLoggerFinder;
import org.jspecify.annotations.NullMarked;

/** The command {@code xent}: trains and evaluates with every backend that is present, and compares them. */
@NullMarked
module org.crossentropy.app {
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires org.crossentropy.api;
    requires org.crossentropy.tck;
    requires static transitive org.jspecify;

    opens org.crossentropy.app to
            info.picocli;

    provides System.LoggerFinder with
            XentLoggerFinder;
}
