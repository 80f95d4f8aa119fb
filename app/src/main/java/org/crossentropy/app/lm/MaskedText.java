package org.crossentropy.app.lm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.bert.BertModel;
import org.crossentropy.app.bert.Encoder;
import org.crossentropy.app.bert.MaskedSequence;

/**
 * The loss of a masked language model on the masked tokens of some sequences. The exponential of the mean is a
 * pseudo-perplexity (Salazar et al. 2020, who mask one token at a time): each token is guessed from those on both sides of
 * it, so it is no perplexity of the text, and says nothing beside that of a model that reads from left to right. Where
 * several tokens are masked at once, those beside another are much harder, so it depends on the masking, too.
 */
public final class MaskedText {

    /**
     * What was found.
     *
     * @param head about the head
     * @param encoder what the encoder took
     */
    public record Outcome(Findings head, Effort encoder) {}

    private final BertModel model;
    private final Encoder encoder;
    private final Head head;
    private final Tally tally;

    /** Encoded masked tokens that wait for the head, and their transforms. */
    private final Matrix states;

    private final Matrix hidden;
    private final ClassIndices targets;
    private final ClassIndices ranks;
    private int waiting;

    private double headSeconds;
    private double encoderSeconds;
    private double encoderOperations;
    private long evaluated;

    /**
     * Makes room.
     *
     * @param model the model
     * @param loss the loss of the logits
     * @param sequences what will be evaluated
     * @param top how many classes a target may be among
     * @param memory bytes for the head to work in
     * @param arena what memory is allocated from, shared by threads
     */
    public MaskedText(
            BertModel model,
            SoftmaxCrossEntropy loss,
            List<MaskedSequence> sequences,
            int top,
            long memory,
            Arena arena) {
        this.model = model;
        int longest = sequences.stream().mapToInt(MaskedSequence::length).max().orElse(1);
        long masked = sequences.stream().mapToLong(MaskedSequence::count).sum();
        this.encoder = new Encoder(model, longest, loss.execution(), arena);
        this.head = new Head(model.words(), model.outputBias(), loss, Math.max(1, masked), memory, arena);
        this.tally = new Tally(top);
        long slice = head.slice();
        int width = model.shape().width();
        this.states = matrix(slice, width, arena);
        this.hidden = matrix(slice, width, arena);
        this.targets = indices(slice, arena);
        this.ranks = indices(slice, arena);
    }

    private static Matrix matrix(long rows, int columns, Arena arena) {
        MemorySegment values = arena.allocate(rows * columns * Float.BYTES, Long.BYTES);
        return Matrix.of(ElementType.FLOAT32, values, rows, columns);
    }

    private static ClassIndices indices(long count, Arena arena) {
        return ClassIndices.of(IndexType.INT32, arena.allocate(count * Integer.BYTES, Long.BYTES), count);
    }

    /**
     * Evaluates the sequences.
     *
     * @param sequences at least one
     * @param progress told after each
     * @return what was found
     */
    public Outcome evaluate(List<MaskedSequence> sequences, Progress progress) {
        long all = sequences.stream().mapToLong(MaskedSequence::length).sum();
        long done = 0;
        for (MaskedSequence sequence : sequences) {
            long start = System.nanoTime();
            Matrix encoded = encoder.encode(sequence.masked());
            encoderSeconds += since(start);
            encoderOperations += model.shape().operations(sequence.length());
            gather(encoded, sequence);
            done += sequence.length();
            progress.show("encoded", done, all);
        }
        computeLoss();
        Effort ofHead = new Effort(headSeconds, head.operations() * evaluated);
        return new Outcome(tally.findings(ofHead, head.memory()), new Effort(encoderSeconds, encoderOperations));
    }

    private static double since(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Keeps the rows of masked tokens until there are enough of them for the head. */
    private void gather(Matrix encoded, MaskedSequence sequence) {
        long bytes = (long) encoded.columns() * Float.BYTES;
        for (int i = 0; i < sequence.count(); i++) {
            if (waiting == head.slice()) {
                computeLoss();
            }
            MemorySegment.copy(encoded.segment(), sequence.place(i) * bytes, states.segment(), waiting * bytes, bytes);
            targets.set(waiting, sequence.token(i));
            waiting++;
        }
    }

    private void computeLoss() {
        if (waiting == 0) {
            return;
        }
        long start = System.nanoTime();
        Matrix rows = hidden.rows(0, waiting);
        encoder.transform(states.rows(0, waiting), rows);
        ClassIndices ranksOfRows = first(ranks);
        LossResult result =
                head.on(rows, first(targets)).targetRanks(ranksOfRows).compute();
        tally.add(result, ranksOfRows);
        headSeconds += since(start);
        evaluated += waiting;
        waiting = 0;
    }

    private ClassIndices first(ClassIndices indices) {
        return ClassIndices.of(IndexType.INT32, indices.segment(), waiting);
    }
}
