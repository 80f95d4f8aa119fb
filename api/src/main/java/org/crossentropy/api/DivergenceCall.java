package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a {@link Divergence}. {@link #gradient} is with respect to q's matrix, in q's form; {@link
 * #gradientOfP} with respect to p's. Each may be in place of its own matrix. {@link #rowLosses} are the values of the rows.
 */
public final class DivergenceCall extends LossCall<DivergenceCall> {

    private final Divergence.Kind kind;
    private final LossSettings settings;
    private final Distributions p;
    private final Distributions q;
    private @Nullable Matrix gradientOfP;

    DivergenceCall(Divergence.Kind kind, LossSettings settings, Distributions p, Distributions q) {
        this.kind = kind;
        this.settings = settings;
        this.p = Objects.requireNonNull(p, "p");
        this.q = Objects.requireNonNull(q, "q");
    }

    @Override
    DivergenceCall self() {
        return this;
    }

    /**
     * Asks for the gradient with respect to p's matrix, in p's form.
     *
     * @param gradient receives N x K of p's element type; may be the very matrix of p
     * @return this
     */
    public DivergenceCall gradientOfP(Matrix gradient) {
        this.gradientOfP = Objects.requireNonNull(gradient, "gradientOfP");
        return this;
    }

    @Override
    public LossResult compute() {
        boolean shareable = check();
        checkRange("p", p, shareable);
        checkRange("q", q, shareable);
        RowSelection selection = new SampleSelection(q.matrix().rows(), sampleWeights);
        BatchCounts counts = BatchCounts.ofRows(q.matrix(), selection);
        DivergencePass pass = new DivergencePass(kind, p, q, gradientOfP, gradient);
        return GroupPass.run(settings, shareable, q.matrix(), selection, counts, rowLosses, pass);
    }

    private void checkRange(String name, Distributions distributions, boolean shareable) {
        if (distributions.form() == Form.PROBABILITIES) {
            SoftTargetCheck.check(settings.execution(), shareable, distributions.matrix(), null, name);
        }
    }

    private boolean check() {
        Checks.hasColumns("p", p.matrix());
        Checks.fits("p", p.matrix(), "q", q.matrix());
        CallBuffers buffers = new CallBuffers()
                .input("p", p.matrix().segment())
                .input("q", q.matrix().segment());
        checkCommon(buffers, "q", q.matrix());
        if (gradientOfP != null) {
            Checks.sameShape("p", p.matrix(), "gradientOfP", gradientOfP);
            buffers.output("gradientOfP", gradientOfP, "p", p.matrix());
        }
        return buffers.shareable();
    }
}
