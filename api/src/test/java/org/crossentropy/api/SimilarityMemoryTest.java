package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** How working memory is divided: within its bound, in equal chunks. */
class SimilarityMemoryTest {

    /** An arena that counts what it gives, alignment included. */
    private static final class CountingArena implements Arena {
        private final Arena arena = Arena.ofConfined();
        private long bytes;

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            bytes += byteSize + byteAlignment;
            return arena.allocate(byteSize, byteAlignment);
        }

        @Override
        public MemorySegment.Scope scope() {
            return arena.scope();
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static Embeddings embeddings(Matrix matrix, boolean wantsGradient) {
        Execution execution =
                new Execution(Backend.of("recording", "", new RecordingKernels()), Parallelism.sequential());
        Matrix gradient = wantsGradient
                ? Matrix.of(new float[rows(matrix) * matrix.columns()], rows(matrix), matrix.columns())
                : null;
        return new Embeddings(Similarity.DOT, execution, true, matrix, gradient);
    }

    private static int rows(Matrix matrix) {
        return Math.toIntExact(matrix.rows());
    }

    private static Matrix onHeap(int rows, int columns) {
        return Matrix.of(new float[rows * columns], rows, columns);
    }

    private static Matrix offHeap(Arena arena, int rows, int columns) {
        return Matrix.of(ElementType.FLOAT32, arena.allocate(4L * rows * columns, 64), rows, columns);
    }

    private static ContrastiveOptions options(long bytes) {
        return ContrastiveOptions.of(Similarity.DOT, 1, 0).withWorkingMemory(bytes);
    }

    @Test
    void staysWithinTheBound() {
        try (Arena arena = Arena.ofConfined()) {
            for (int count : new int[] {1, 2, 100, 1024, 1500}) {
                for (int width : new int[] {1, 64, 300}) {
                    for (long bytes : new long[] {20_000, 100_000, 1_000_000, 64 << 20}) {
                        assertWithin(bytes, offHeap(arena, count, width));
                        assertWithin(bytes, onHeap(count, width));
                    }
                }
            }
        }
    }

    private static void assertWithin(long bytes, Matrix matrix) {
        Embeddings some = embeddings(matrix, true);
        SimilarityMemory plan = SimilarityMemory.plan(options(bytes), some, some, null);
        try (CountingArena arena = new CountingArena()) {
            Matrix chunk = plan.similarities(arena);
            assertEquals(plan.chunkRows(), chunk.rows());
            assertTrue(plan.queryRoom(arena).byteSize() >= (some.needCopies() ? 1 : 0));
            assertTrue(plan.keyRoom(arena).byteSize() >= (some.needCopies() ? 1 : 0));
            assertTrue(arena.bytes <= bytes, () -> arena.bytes + " bytes of " + bytes + " for " + matrix);
        }
    }

    @Test
    void chunksAreOfEqualSize() {
        try (Arena arena = Arena.ofConfined()) {
            Embeddings some = embeddings(offHeap(arena, 1000, 8), false);
            // Room for 600 rows of 1,000 similarities: two chunks of 500, rounded up to a multiple of 16.
            SimilarityMemory plan = SimilarityMemory.plan(options(2_400_192), some, some, null);
            assertEquals(512, plan.chunkRows());
            assertEquals(1000, plan.keyRows());
        }
    }

    @Test
    void keysAreCopiedInPiecesThatLeaveRoomForSimilarities() {
        Embeddings some = embeddings(onHeap(1000, 100), false);
        SimilarityMemory plan = SimilarityMemory.plan(options(100_000), some, some, null);
        assertEquals(50_000 / 400, plan.keyRows());
        // What is left holds rows of 4,000 bytes of similarities and a query of 400.
        assertEquals((100_000 - 50_000 - 192) / 4400, plan.chunkRows());
    }

    @Test
    void lentMemoryTakesTheRowsItHas() {
        try (Arena arena = Arena.ofConfined()) {
            Embeddings some = embeddings(offHeap(arena, 100, 8), false);
            SimilarityMemory plan = SimilarityMemory.plan(options(192), some, some, offHeap(arena, 7, 100));
            assertEquals(7, plan.chunkRows());
            assertEquals(7, plan.similarities(arena).rows());
        }
    }

    @Test
    void tooLittleIsRefusedWithWhatWouldDo() {
        Embeddings some = embeddings(onHeap(10, 4), false);
        // 40 bytes of similarities, 16 of the query, 16 of a key, 192 of alignment.
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class, () -> SimilarityMemory.plan(options(263), some, some, null))
                .getMessage());
        assertTrue(message.contains("workingMemory is 263 bytes") && message.contains("need 264"), message);
        assertEquals(1, SimilarityMemory.plan(options(264), some, some, null).chunkRows());
    }
}
