/**
 * The cross-entropy losses of machine learning: what applications compile against, and what backends implement.
 *
 * <p>Applications use {@link org.crossentropy.api}; backend modules implement {@link org.crossentropy.api.spi} and are
 * found by {@link java.util.ServiceLoader}. This module alone computes nothing: at least one backend module, such as
 * {@code org.crossentropy.jvm}, must be present at run time.
 */
module org.crossentropy.api {
    requires static transitive org.jspecify;

    exports org.crossentropy.api;
    exports org.crossentropy.api.spi;

    uses org.crossentropy.api.spi.BackendProvider;
}
