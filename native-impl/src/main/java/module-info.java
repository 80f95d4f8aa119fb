import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.ffm.NativeBackendProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The backend {@code native}: calls into the project's C library libxent by way of the foreign function and memory API.
 *
 * <p>Applications never name this module; they find it through {@code org.crossentropy.api}. Whoever starts the Java
 * virtual machine grants it native access: {@code --enable-native-access=org.crossentropy.ffm}, or {@code ALL-UNNAMED}
 * where the library is on the class path.
 *
 * <p>The one export is for the tests of the project, which run every instruction set side by side; the names of modules
 * that are not there when this one is compiled are the reason for the suppressed warning.
 */
@NullMarked
@SuppressWarnings("module")
module org.crossentropy.ffm {
    requires org.crossentropy.api;
    requires static transitive org.jspecify;

    exports org.crossentropy.ffm to
            org.crossentropy.tck,
            org.crossentropy.tck.test;

    provides BackendProvider with
            NativeBackendProvider;
}
