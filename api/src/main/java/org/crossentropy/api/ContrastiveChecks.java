package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/** Checks of the arguments that the losses of contrastive learning share. */
final class ContrastiveChecks {

    private ContrastiveChecks() {}

    static void embeddings(String name, Matrix matrix) {
        if (matrix.type().arithmetic() != matrix.type()) {
            throw new IllegalArgumentException(name + " are " + matrix.type()
                    + ", must be FLOAT32 or FLOAT64: there are no matrix products in 16 bits; widen them first");
        }
        if (matrix.columns() == 0) {
            throw new IllegalArgumentException(name + " have 0 columns, must have at least 1");
        }
        if (matrix.rows() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    name + " have " + matrix.rows() + " rows, must be at most " + Integer.MAX_VALUE);
        }
    }

    /** Embeddings that are compared with each other. */
    static void comparable(String firstName, Matrix first, String secondName, Matrix second) {
        embeddings(firstName, first);
        embeddings(secondName, second);
        if (first.columns() != second.columns() || first.type() != second.type()) {
            throw new IllegalArgumentException(secondName + " are " + second + ", must have the columns and the element"
                    + " type of " + firstName + ", " + first);
        }
    }

    /** One key for each query. */
    static void paired(String firstName, Matrix first, String secondName, Matrix second, String why) {
        if (first.rows() != second.rows()) {
            throw new IllegalArgumentException(secondName + " have " + second.rows() + " rows, must have as many as "
                    + firstName + ", " + first.rows() + ": " + why);
        }
    }

    static void gradient(CallBuffers buffers, String name, @Nullable Matrix gradient, String ofName, Matrix of) {
        if (gradient != null) {
            Checks.sameShape(ofName, of, name, gradient);
            buffers.output(name, gradient.segment());
        }
    }

    static void rowLosses(CallBuffers buffers, @Nullable RowValues losses, Matrix queries) {
        if (losses != null) {
            Checks.perRow("rowLosses", losses.count(), queries);
            buffers.output("rowLosses", losses);
        }
    }

    static void workspace(CallBuffers buffers, @Nullable Matrix workspace, Matrix queries, long keys) {
        if (workspace == null) {
            return;
        }
        if (workspace.rows() == 0 || workspace.columns() != keys || workspace.type() != queries.type()) {
            throw new IllegalArgumentException("workspace is " + workspace + ", must be at least 1 x " + keys
                    + " (a column for each key) " + queries.type());
        }
        buffers.output("workspace", workspace.segment());
    }
}
