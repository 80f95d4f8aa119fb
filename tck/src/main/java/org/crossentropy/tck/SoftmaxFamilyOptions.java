package org.crossentropy.tck;

import java.util.List;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * One member of the family of losses that {@link SoftmaxCrossEntropy} is, and the kind of batch it is tried on.
 *
 * @param targets kind of targets
 * @param mask kind of class mask
 * @param smoothing label smoothing
 * @param temperature divides the logits
 * @param softCap bounds the logits, 0 for none
 * @param zLoss coefficient of the squared log-sum-exp
 * @param focal exponent of the focal loss, 0 for none
 * @param poly coefficient of poly-1, 0 for none
 * @param classWeights whether classes have weights
 * @param sampleWeights whether rows have weights, one of them 0
 * @param reduction reduction
 * @param emptyRows meaning of rows without a class; where they are ignored, there is one
 * @param ignoring whether a row has the ignore index; for targets that are classes
 * @param type type of the logits
 * @param classes number of classes
 * @param memory where logits and outputs live
 * @param padding elements between rows
 */
record SoftmaxFamilyOptions(
        TargetKind targets,
        MaskKind mask,
        LabelSmoothing smoothing,
        double temperature,
        double softCap,
        double zLoss,
        double focal,
        double poly,
        boolean classWeights,
        boolean sampleWeights,
        Reduction reduction,
        EmptyRows emptyRows,
        boolean ignoring,
        ElementType type,
        int classes,
        MemoryKind memory,
        int padding) {

    /** Kinds of targets. */
    enum TargetKind {
        CLASSES,
        SOFT,
        TOP
    }

    /** Kinds of class masks. */
    enum MaskKind {
        NONE,
        SHARED,
        PER_ROW
    }

    private static final List<TargetKind> TARGETS = List.of(TargetKind.values());
    private static final List<MaskKind> MASKS = List.of(MaskKind.values());
    private static final List<LabelSmoothing> SMOOTHINGS =
            List.of(LabelSmoothing.none(), LabelSmoothing.uniform(0.1), LabelSmoothing.others(0.25));
    private static final List<Double> TEMPERATURES = List.of(1.0, 0.7, 3.0);
    private static final List<Double> SOFT_CAPS = List.of(0.0, 5.0, 30.0);
    private static final List<Double> Z_LOSSES = List.of(0.0, 0.01);
    private static final List<Double> FOCALS = List.of(0.0, 2.0, 0.5);
    private static final List<Double> POLYS = List.of(0.0, 2.0, -0.75);
    private static final List<Boolean> SWITCH = List.of(false, true);
    private static final List<Reduction> REDUCTIONS = List.of(
            Reduction.MEAN,
            Reduction.SUM,
            Reduction.NONE,
            Reduction.mean(Denominator.Of.VALID_ROWS),
            Reduction.mean(Denominator.Of.ALL_ROWS),
            Reduction.mean(Denominator.given(7.5)));
    private static final List<EmptyRows> EMPTY_ROWS = List.of(EmptyRows.NAN, EmptyRows.IGNORED);
    private static final List<ElementType> TYPES =
            List.of(ElementType.FLOAT32, ElementType.FLOAT64, ElementType.BFLOAT16, ElementType.FLOAT16);
    private static final List<Integer> CLASSES = List.of(17, 1, 2, 3, 1000);
    private static final List<MemoryKind> MEMORY = List.of(MemoryKind.values());
    private static final List<Integer> PADDINGS = List.of(0, 3);

    private static final List<List<?>> VALUES = List.of(
            TARGETS,
            MASKS,
            SMOOTHINGS,
            TEMPERATURES,
            SOFT_CAPS,
            Z_LOSSES,
            FOCALS,
            POLYS,
            SWITCH,
            SWITCH,
            REDUCTIONS,
            EMPTY_ROWS,
            SWITCH,
            TYPES,
            CLASSES,
            MEMORY,
            PADDINGS);

    /** The plain mean of 17 classes in float32. */
    static final SoftmaxFamilyOptions PLAIN =
            of(VALUES.stream().map(values -> 0).toList());

    private static SoftmaxFamilyOptions of(List<Integer> choice) {
        return new SoftmaxFamilyOptions(
                TARGETS.get(choice.get(0)),
                MASKS.get(choice.get(1)),
                SMOOTHINGS.get(choice.get(2)),
                TEMPERATURES.get(choice.get(3)),
                SOFT_CAPS.get(choice.get(4)),
                Z_LOSSES.get(choice.get(5)),
                FOCALS.get(choice.get(6)),
                POLYS.get(choice.get(7)),
                SWITCH.get(choice.get(8)),
                SWITCH.get(choice.get(9)),
                REDUCTIONS.get(choice.get(10)),
                EMPTY_ROWS.get(choice.get(11)),
                SWITCH.get(choice.get(12)),
                TYPES.get(choice.get(13)),
                CLASSES.get(choice.get(14)),
                MEMORY.get(choice.get(15)),
                PADDINGS.get(choice.get(16)));
    }

    /**
     * Returns members of the family in which all pairs of option values occur that can be combined.
     *
     * @param seed seed of the choice
     * @return the members
     */
    static List<SoftmaxFamilyOptions> pairs(long seed) {
        List<Integer> sizes = VALUES.stream().map(List::size).toList();
        return new Pairs(sizes, SoftmaxFamilyOptions::exclude, seed)
                .combinations().stream().map(SoftmaxFamilyOptions::of).toList();
    }

    private static boolean exclude(Pairs.Choice one, Pairs.Choice other) {
        Object first = VALUES.get(one.option()).get(one.value());
        Object second = VALUES.get(other.option()).get(other.value());
        boolean soft = first == TargetKind.SOFT || first == TargetKind.TOP;
        boolean smoothed = first instanceof LabelSmoothing smoothing && smoothing.epsilon() != 0;
        boolean ofOthers = second instanceof LabelSmoothing smoothing
                && smoothing.convention() == LabelSmoothing.Convention.OTHERS;
        boolean shaped = (other.option() == 6 || other.option() == 7) && other.value() != 0;
        return (soft && (ofOthers || shaped || (other.option() == 12 && other.value() != 0)))
                || (smoothed && shaped)
                || (one.option() == 6 && one.value() != 0 && shaped)
                || (one.option() == 2 && one.value() == 2 && other.option() == 14 && second.equals(1));
    }

    /** {@return whether targets are classes} */
    boolean hasClasses() {
        return targets == TargetKind.CLASSES;
    }

    /** {@return whether logits are changed before the softmax} */
    boolean isShaped() {
        return temperature != 1 || softCap != 0;
    }

    /** {@return these options on another kind of batch} */
    SoftmaxFamilyOptions on(ElementType otherType, int otherClasses, MemoryKind otherMemory, int otherPadding) {
        return new SoftmaxFamilyOptions(
                targets,
                mask,
                smoothing,
                temperature,
                softCap,
                zLoss,
                focal,
                poly,
                classWeights,
                sampleWeights,
                reduction,
                emptyRows,
                ignoring,
                otherType,
                otherClasses,
                otherMemory,
                otherPadding);
    }

    /** {@return a builder with these options; class weights are set by the batch} */
    SoftmaxCrossEntropy.Builder builder(Execution execution) {
        return SoftmaxCrossEntropy.builder()
                .execution(execution)
                .labelSmoothing(smoothing)
                .temperature(temperature)
                .softCap(softCap)
                .zLoss(zLoss)
                .focal(focal)
                .poly1(poly)
                .reduction(reduction)
                .emptyRows(emptyRows);
    }
}
