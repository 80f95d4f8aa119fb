package org.crossentropy.app.lm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.bert.BertModel;
import org.crossentropy.app.bert.Encoder;
import org.crossentropy.app.bert.MaskedSequence;

/** What a masked language model fills into blanks. */
public final class Blanks {

    /**
     * A guess.
     *
     * @param word the most probable token
     * @param probability the probability it is given
     */
    public record Guess(String word, double probability) {}

    private Blanks() {}

    /**
     * Guesses all blanks of a sequence at once.
     *
     * @param model the model
     * @param sequence the sequence, its blanks masked
     * @param execution where to compute
     * @param memory bytes for the head to work in
     * @return the most probable token of each blank, in their order
     */
    public static List<Guess> fill(BertModel model, MaskedSequence sequence, Execution execution, long memory) {
        try (Arena arena = Arena.ofShared()) {
            Encoder encoder = new Encoder(model, sequence.length(), execution, arena);
            Matrix encoded = encoder.encode(sequence.masked());
            int count = sequence.count();
            int width = encoded.columns();
            Matrix states = Matrix.of(new float[count * width], count, width);
            for (int i = 0; i < count; i++) {
                MemorySegment row = encoded.rows(sequence.place(i), 1).segment();
                states.rows(i, 1).segment().copyFrom(row);
            }
            Matrix hidden = Matrix.of(
                    ElementType.FLOAT32, arena.allocate(ValueLayout.JAVA_FLOAT, (long) count * width), count, width);
            encoder.transform(states, hidden);
            SoftmaxCrossEntropy loss =
                    SoftmaxCrossEntropy.builder().execution(execution).build();
            return guesses(model, new Head(model.words(), model.outputBias(), loss, count, memory, arena), hidden);
        }
    }

    /** The head tells of each row its best class, and then, given that as the target, how probable that is. */
    private static List<Guess> guesses(BertModel model, Head head, Matrix hidden) {
        int count = (int) hidden.rows();
        ClassIndices best = ClassIndices.of(new int[count]);
        ClassIndices anything = ClassIndices.of(new int[count]);
        head.on(hidden, anything).predictions(best).compute();
        RowValues logProbabilities = RowValues.of(new double[count]);
        head.on(hidden, best).targetLogProbability(logProbabilities).compute();
        List<Guess> guesses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String word = model.vocabulary().token((int) best.get(i));
            guesses.add(new Guess(word, Math.exp(logProbabilities.get(i))));
        }
        return guesses;
    }
}
