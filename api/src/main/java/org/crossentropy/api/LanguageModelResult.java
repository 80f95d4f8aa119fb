package org.crossentropy.api;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The loss of a language model as sums and counts, in the units in which such models are compared. All are taken from the
 * sum of the row losses, as late as possible, so that results of batches, devices and files {@linkplain #merge merge} into
 * that of the whole.
 *
 * <p>The units mean what their names say where the loss is the plain cross-entropy. Label smoothing, z-loss and the other
 * additions are in the sums: evaluate with a loss without them.
 *
 * @param loss sums and counts; a row that has a target is a token
 * @param bytes number of bytes of the text that the predicted tokens stand for, if it was given
 */
public record LanguageModelResult(LossResult loss, OptionalLong bytes) {

    private static final double LOG_2 = 0x1.62e42fefa39efp-1;

    /** Rejects nulls. */
    public LanguageModelResult {
        Objects.requireNonNull(loss, "loss");
        Objects.requireNonNull(bytes, "bytes");
    }

    /**
     * {@return the loss as the reduction of the loss function says, whose gradient was computed; in nats}
     * @throws IllegalStateException if the reduction is {@link Reduction#NONE}
     */
    public double value() {
        return loss.value();
    }

    /**
     * {@return the number of tokens predicted: rows with a target}
     */
    public long tokens() {
        return loss.count();
    }

    /**
     * {@return the mean loss of a token in nats, over the weights of the tokens, which without weights is their number; what
     * the loss says of empty means where there are none}
     */
    public double natsPerToken() {
        return loss.mean();
    }

    /**
     * {@return the perplexity, {@code exp(nats per token)}: the number of equally likely tokens that would be as surprising}
     */
    public double perplexity() {
        return loss.perplexity();
    }

    /**
     * {@return the mean loss of a token in bits, {@code nats / log 2}}
     */
    public double bitsPerToken() {
        return natsPerToken() / LOG_2;
    }

    /**
     * Returns the loss in bits per byte of text, {@code loss sum / (log 2  bytes)}, which, unlike the others, compares models
     * with different vocabularies (The Pile, Gao et al. 2020). Token weights are in the sum.
     *
     * @return bits per byte; what the loss says of empty means where there are 0 bytes
     * @throws IllegalStateException if no number of bytes was given
     */
    public double bitsPerByte() {
        long count = bytes.orElseThrow(() -> new IllegalStateException(
                "the number of bytes was not given; pass it to NextTokenCall.bytes, or to withBytes"));
        return count == 0 ? loss.emptyMean().value() : loss.lossSum() / (LOG_2 * (double) count);
    }

    /**
     * Returns this result with a number of bytes.
     *
     * @param count number of bytes of the text that the predicted tokens stand for, at least 0
     * @return new result
     * @throws IllegalArgumentException if the count is negative
     */
    public LanguageModelResult withBytes(long count) {
        Checks.atLeast("bytes", count, 0);
        return new LanguageModelResult(loss, OptionalLong.of(count));
    }

    /**
     * Returns the result of both texts together.
     *
     * @param other result of another text, with the same reduction and empty mean
     * @return sums and counts added
     * @throws IllegalArgumentException if reduction or empty mean differ, or only one of the two has a number of bytes
     */
    public LanguageModelResult merge(LanguageModelResult other) {
        if (bytes.isPresent() != other.bytes.isPresent()) {
            throw new IllegalArgumentException("cannot merge a result whose number of bytes is known ("
                    + (bytes.isPresent() ? bytes : other.bytes).getAsLong()
                    + ") with one whose is not; give it for both or for none");
        }
        LossResult both = loss.merge(other.loss);
        return bytes.isPresent()
                ? new LanguageModelResult(
                        both, OptionalLong.of(Math.addExact(bytes.getAsLong(), other.bytes.getAsLong())))
                : new LanguageModelResult(both, bytes);
    }
}
