import org.jspecify.annotations.NullMarked;

/** Programs that teach how the losses are used: each one class with a {@code main}, on the best backend of the machine. */
@NullMarked
module org.crossentropy.examples {
    requires org.crossentropy.api;
    requires static transitive org.jspecify;
}
