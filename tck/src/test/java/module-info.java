import org.crossentropy.api.spi.BackendProvider;
import org.jspecify.annotations.NullMarked;

// Runs the tests on the backends of this build.
@NullMarked
open module org.crossentropy.tck.test {
    requires org.crossentropy.ffm;
    requires org.crossentropy.jvm;
    requires org.crossentropy.tck;
    requires org.junit.jupiter.api;
    requires org.junit.jupiter.params;

    uses BackendProvider;
}
