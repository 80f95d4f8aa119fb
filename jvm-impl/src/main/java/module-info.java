import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.jvm.ScalarBackendProvider;
import org.crossentropy.jvm.VectorBackendProvider;
import org.jspecify.annotations.NullMarked;

/** The backends in Java; applications find them through the API and never name this module in code. */
@NullMarked
module org.crossentropy.jvm {
    requires jdk.incubator.vector;
    requires org.crossentropy.api;
    requires static transitive org.jspecify;

    provides BackendProvider with
            ScalarBackendProvider,
            VectorBackendProvider;
}
