package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import org.crossentropy.api.Backend;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Everything a backend must do. A backend's test is one subclass that supplies its provider. Where the provider says that
 * it is not available, the tests are skipped with its reason.
 */
public abstract class BackendTck {

    /** Called by subclasses. */
    protected BackendTck() {}

    /**
     * {@return the provider under test, always the same}
     */
    protected abstract BackendProvider provider();

    private Backend open() {
        return switch (provider().availability()) {
            case Availability.Available(String detail) ->
                Backend.of(provider().name(), detail, provider().open());
            case Availability.Unavailable(String reason, var _) -> abort(notTested(reason));
        };
    }

    private LossKernels openKernels() {
        return switch (provider().availability()) {
            case Availability.Available _ -> provider().open();
            case Availability.Unavailable(String reason, var _) -> abort(notTested(reason));
        };
    }

    private String notTested(String reason) {
        return "backend " + provider().name() + " was not tested: " + reason;
    }

    @Test
    void nameIsLowerCaseAndShort() {
        assertTrue(provider().name().matches("[a-z][a-z0-9-]{0,30}"), provider().name());
    }

    @Test
    void availabilityIsStableAndExplained() {
        Availability first = provider().availability();
        assertEquals(first, provider().availability());
        switch (first) {
            case Availability.Available(String detail) -> assertFalse(detail.isBlank());
            case Availability.Unavailable(String reason, var _) -> assertFalse(reason.isBlank());
        }
    }

    @Test
    void opensIfAvailable() {
        if (provider().availability() instanceof Availability.Available) {
            assertInstanceOf(LossKernels.class, provider().open());
        }
    }

    @Test
    void workspaceStaysSmall() {
        if (provider().availability() instanceof Availability.Available) {
            LossKernels kernels = provider().open();
            for (ElementType type : ElementType.ARITHMETIC) {
                for (int classes : new int[] {1, 2, 1000, 200_000, Integer.MAX_VALUE}) {
                    long bytes = kernels.workspaceBytes(type, classes);
                    assertTrue(bytes >= 0, () -> bytes + " bytes for " + classes + " classes of " + type);
                }
            }
        }
    }

    /** Laws of the loss. */
    @Nested
    class Loss extends SoftmaxCrossEntropyTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Special values of the loss. */
    @Nested
    class SpecialValues extends SpecialValuesTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Errors of the façades. */
    @Nested
    class Errors extends ErrorsTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** All pairs of options of the family of losses. */
    @Nested
    class SoftmaxFamily extends SoftmaxFamilyTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** What members of the family have to do with each other. */
    @Nested
    class SoftmaxLaws extends SoftmaxFamilyLawsTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Special values of the family. */
    @Nested
    class SoftmaxValues extends SoftmaxFamilyValuesTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Errors of the family. */
    @Nested
    class SoftmaxErrors extends SoftmaxFamilyErrorsTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Threads and memory. */
    @Nested
    class Threads extends ExecutionTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Softmax, log-softmax, log-sum-exp. */
    @Nested
    class Functions extends SoftmaxTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Comparison with the oracle. */
    @Nested
    class Accuracy extends AccuracyTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Matrix products. */
    @Nested
    class Products extends MatrixProductTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Laws of all losses made in tiles. */
    @Nested
    class TileLosses extends LossFamilyTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Language models. */
    @Nested
    class NextToken extends NextTokenTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Heads whose logits never exist as a whole. */
    @Nested
    class Linear extends LinearCrossEntropyTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Special values of heads. */
    @Nested
    class LinearValues extends LinearCrossEntropyValuesTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Errors of heads. */
    @Nested
    class LinearErrors extends LinearCrossEntropyErrorsTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Chunks, threads and memory of heads. */
    @Nested
    class LinearMemory extends LinearCrossEntropyMemoryTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Losses of yes and no. */
    @Nested
    class Binary extends BinaryTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Memory and threads of the losses of yes and no. */
    @Nested
    class BinaryExecution extends BinaryExecutionTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** The kernel of binary cross-entropy. */
    @Nested
    class Logistic extends LogisticTck {
        @Override
        protected LossKernels kernels() {
            return openKernels();
        }
    }

    /** Contrastive learning. */
    @Nested
    class Contrastive extends ContrastiveTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Losses of probabilities, and the Brier score. */
    @Nested
    class Probabilities extends ProbabilityTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** The sigmoid loss of pairs. */
    @Nested
    class SigmoidPairs extends SigLipTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Entropy, cross-entropy and divergences. */
    @Nested
    class Divergences extends DivergenceTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Losses of policies. */
    @Nested
    class Policy extends PolicyTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Operations on tiles. */
    @Nested
    class Tiles extends TileTck {
        @Override
        protected LossKernels kernels() {
            return openKernels();
        }
    }

    /** A head whose vocabulary is in parts. */
    @Nested
    class Sharded extends ShardedTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** Gradients of a head with small ones left out. */
    @Nested
    class FilteredGradients extends GradientFilterTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }

    /** The loss of critics. */
    @Nested
    class Value extends ValueTck {
        @Override
        protected Backend backend() {
            return open();
        }
    }
}
