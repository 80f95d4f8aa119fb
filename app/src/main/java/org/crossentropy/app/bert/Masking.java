package org.crossentropy.app.bert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Which tokens of a sequence are masked, for the model to guess, and in which passes. */
public sealed interface Masking {

    /**
     * Tokens at equal distances.
     *
     * @param distance from a token to the next that is masked in the same pass, at least 1
     * @param inTurn whether there are as many passes as it takes to mask every token once, or just the first
     */
    record Spread(int distance, boolean inTurn) implements Masking {

        /** Every token by itself, with all others in sight: as many passes as tokens. */
        public static final Spread ONE_BY_ONE = new Spread(Integer.MAX_VALUE, true);

        @Override
        public List<int[]> passes(int[] candidates, SplittableRandom random) {
            int turns = inTurn ? Math.min(distance, candidates.length) : 1;
            return IntStream.range(0, turns)
                    .mapToObj(turn -> IntStream.range(0, candidates.length)
                            .filter(i -> i % distance == turn)
                            .map(i -> candidates[i])
                            .toArray())
                    .toList();
        }
    }

    /**
     * Tokens drawn at random, in one pass.
     *
     * @param share part of the tokens, more than 0 and at most 1; one token at least
     */
    record Drawn(double share) implements Masking {

        /** What BERT was trained with. */
        public static final Drawn AS_TRAINED = new Drawn(0.15);

        @Override
        public List<int[]> passes(int[] candidates, SplittableRandom random) {
            int count = Math.clamp(Math.round(share * candidates.length), 1, candidates.length);
            int[] drawn = candidates.clone();
            for (int i = 0; i < count; i++) {
                int other = random.nextInt(i, drawn.length);
                int held = drawn[i];
                drawn[i] = drawn[other];
                drawn[other] = held;
            }
            int[] chosen = Arrays.copyOf(drawn, count);
            Arrays.sort(chosen);
            return List.of(chosen);
        }
    }

    /**
     * Chooses.
     *
     * @param candidates where the tokens are that may be masked, at least one
     * @param random where chance comes from
     * @return the places to mask in each pass
     */
    List<int[]> passes(int[] candidates, SplittableRandom random);

    /**
     * Chooses for several sequences.
     *
     * @param sequences the sequences
     * @param seed of what is drawn
     * @return one for each pass over a sequence that masks anything
     */
    default List<MaskedSequence> apply(Sequences sequences, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<MaskedSequence> all = new ArrayList<>();
        for (int[] tokens : sequences.all()) {
            int[] candidates = sequences.guessable(tokens);
            if (candidates.length > 0) {
                for (int[] places : passes(candidates, random)) {
                    all.add(new MaskedSequence(tokens, places, sequences.mask()));
                }
            }
        }
        return all;
    }
}
