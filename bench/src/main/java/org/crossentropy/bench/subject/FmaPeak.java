package org.crossentropy.bench.subject;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** How many fused multiply-adds this machine does: the limit of arithmetic. Whatever the task, the work is the same. */
public final class FmaPeak implements Subject {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Enough for two units of latency four, and for half of the registers to be free. */
    private static final int CHAINS = 12;

    private static final int STEPS = 1 << 20;

    private final int threads;

    /**
     * Takes a number of threads.
     *
     * @param threads threads that compute the same each
     */
    public FmaPeak(int threads) {
        this.threads = threads;
    }

    /**
     * Returns the size of the work.
     *
     * @param threads number of threads
     * @param lanes floats in a vector
     * @return floating-point operations of one run, two for each multiply-add
     */
    public static double operations(int threads, int lanes) {
        return 2.0 * threads * lanes * CHAINS * STEPS;
    }

    @Override
    public boolean isProbe() {
        return true;
    }

    @Override
    public String detail() {
        return "fused multiply-adds, " + SPECIES.vectorBitSize() + " bits";
    }

    @Override
    public double operations(Task task) {
        return operations(threads, SPECIES.length());
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        return new Chains();
    }

    private final class Chains implements Work {

        private final Team team = new Team(threads);
        private final float[] results = new float[threads];

        @Override
        public void run() {
            team.run(part -> results[part] = chains(STEPS, 1 - part * 0x1p-20f));
        }

        /** Each chain converges to a number near 1 and stays there: neither subnormal nor infinite. */
        private static float chains(int steps, float start) {
            FloatVector factor = FloatVector.broadcast(SPECIES, 0.5f);
            FloatVector term = FloatVector.broadcast(SPECIES, start * 0.5f);
            FloatVector a = term;
            FloatVector b = term;
            FloatVector c = term;
            FloatVector d = term;
            FloatVector e = term;
            FloatVector f = term;
            FloatVector g = term;
            FloatVector h = term;
            FloatVector i = term;
            FloatVector j = term;
            FloatVector k = term;
            FloatVector l = term;
            for (int step = 0; step < steps; step++) {
                a = a.fma(factor, term);
                b = b.fma(factor, term);
                c = c.fma(factor, term);
                d = d.fma(factor, term);
                e = e.fma(factor, term);
                f = f.fma(factor, term);
                g = g.fma(factor, term);
                h = h.fma(factor, term);
                i = i.fma(factor, term);
                j = j.fma(factor, term);
                k = k.fma(factor, term);
                l = l.fma(factor, term);
            }
            return a.add(b)
                    .add(c)
                    .add(d)
                    .add(e)
                    .add(f)
                    .add(g)
                    .add(h)
                    .add(i)
                    .add(j)
                    .add(k)
                    .add(l)
                    .lane(0);
        }

        @Override
        public double loss() {
            return results[0] / CHAINS;
        }

        @Override
        public double gradient(int row, int column) {
            return 0;
        }

        @Override
        public void close() {
            team.close();
        }
    }
}
