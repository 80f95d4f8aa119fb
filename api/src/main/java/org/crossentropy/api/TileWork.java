package org.crossentropy.api;

/**
 * Work on the rows of a batch in tiles: a group of rows after the other, each thread with tiles of its own. Where groups
 * begin depends on the number of columns alone.
 */
final class TileWork {

    /** What a thread does with the groups that come to it, prepared once with its tiles. */
    interface Groups {
        /** Works on some rows. */
        void run(long from, int rows);
    }

    /** Prepares the work of one thread. */
    interface Start {
        Groups on(Tiles tiles);
    }

    private TileWork() {}

    /**
     * Runs over all groups.
     *
     * @param execution where
     * @param shareable whether threads other than the caller may work on the data
     * @param shape a matrix with the rows, columns and type of the batch
     * @param start what is done
     */
    static void run(Execution execution, boolean shareable, Matrix shape, Start start) {
        int columns = shape.columns();
        int group = RowWork.groupRows(columns);
        RowWork.Body body = (scratch, from, to) -> {
            int capacity = (int) Math.min(group, to - from);
            Tiles tiles = new Tiles(
                    execution.backend().kernels(), scratch, shape.type().arithmetic(), columns, capacity);
            Groups groups = start.on(tiles);
            for (long row = from; row < to; row += group) {
                groups.run(row, (int) Math.min(group, to - row));
            }
        };
        RowWork.run(execution.parallelism(), shareable, shape.rows(), columns, body);
    }
}
