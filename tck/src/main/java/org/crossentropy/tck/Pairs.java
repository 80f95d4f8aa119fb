package org.crossentropy.tck;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;

/**
 * Combinations of option values in which every pair of values of two options occurs at least once, unless the two exclude
 * each other: most errors of an option show alone or with one other, and pairs need some dozens of combinations where all
 * of them would need millions. Greedy, and the same for the same seed.
 */
final class Pairs {

    /** A value of an option, both by their numbers. */
    record Choice(int option, int value) {}

    private final List<Integer> sizes;
    private final BiPredicate<Choice, Choice> excluded;
    private final Random random;
    private final boolean[][] covered;
    private final int[] starts;

    /**
     * Prepares.
     *
     * @param sizes number of values of each option; value 0 must be possible with all others
     * @param excluded whether two values exclude each other; asked with the smaller option first
     * @param seed seed of ties
     */
    Pairs(List<Integer> sizes, BiPredicate<Choice, Choice> excluded, long seed) {
        this.sizes = List.copyOf(sizes);
        this.excluded = excluded;
        this.random = new Random(seed);
        this.starts = new int[sizes.size() + 1];
        for (int option = 0; option < sizes.size(); option++) {
            starts[option + 1] = starts[option] + sizes.get(option);
        }
        this.covered = new boolean[starts[sizes.size()]][starts[sizes.size()]];
    }

    /** {@return the combinations, each with the number of a value for each option} */
    List<List<Integer>> combinations() {
        List<List<Integer>> combinations = new ArrayList<>();
        for (int first = 0; first < sizes.size(); first++) {
            for (int second = first + 1; second < sizes.size(); second++) {
                for (int i = 0; i < sizes.get(first); i++) {
                    for (int j = 0; j < sizes.get(second); j++) {
                        Choice one = new Choice(first, i);
                        Choice other = new Choice(second, j);
                        if (!isCovered(one, other) && !excludes(one, other)) {
                            combinations.add(complete(one, other));
                        }
                    }
                }
            }
        }
        return combinations;
    }

    /** {@return whether two values exclude each other} */
    boolean excludes(Choice one, Choice other) {
        return one.option() < other.option() ? excluded.test(one, other) : excluded.test(other, one);
    }

    private List<Integer> complete(Choice one, Choice other) {
        List<Choice> chosen = new ArrayList<>(List.of(one, other));
        List<Integer> options = new ArrayList<>();
        for (int option = 0; option < sizes.size(); option++) {
            if (option != one.option() && option != other.option()) {
                options.add(option);
            }
        }
        Collections.shuffle(options, random);
        options.forEach(option -> chosen.add(best(option, chosen)));
        List<Integer> combination = new ArrayList<>(Collections.nCopies(sizes.size(), 0));
        for (Choice choice : chosen) {
            combination.set(choice.option(), choice.value());
            chosen.forEach(with -> covered[number(choice)][number(with)] = true);
        }
        return combination;
    }

    /** The value that brings most new pairs with what is chosen already. */
    private Choice best(int option, List<Choice> chosen) {
        Choice best = new Choice(option, 0);
        int most = -1;
        int start = random.nextInt(sizes.get(option));
        for (int i = 0; i < sizes.get(option); i++) {
            Choice choice = new Choice(option, (start + i) % sizes.get(option));
            if (chosen.stream().noneMatch(with -> excludes(choice, with))) {
                int fresh = (int)
                        chosen.stream().filter(with -> !isCovered(choice, with)).count();
                best = fresh > most ? choice : best;
                most = Math.max(most, fresh);
            }
        }
        return best;
    }

    private boolean isCovered(Choice one, Choice other) {
        return covered[number(one)][number(other)];
    }

    private int number(Choice choice) {
        return starts[choice.option()] + choice.value();
    }
}
