import org.jspecify.annotations.NullMarked;

/**
 * The contract of a backend: abstract tests, the oracle and the tolerances they use, and the cross-check of backends with
 * each other. For authors of backends; the cross-check also for programs that examine the machine they run on, which do
 * not need JUnit.
 */
@NullMarked
module org.crossentropy.tck {
    requires transitive org.crossentropy.api;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports org.crossentropy.tck;

    opens org.crossentropy.tck to
            org.junit.platform.commons;
}
