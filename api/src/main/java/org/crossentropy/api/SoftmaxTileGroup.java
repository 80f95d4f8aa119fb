package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.crossentropy.api.RowPlaces.Place;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;

/**
 * The work of a {@link SoftmaxTilePass} on one group of rows after the other, on one thread.
 *
 * <p>With d the derivatives of a row's loss by its numbers, W the sum of the class weights, and T the mass of dense targets,
 * the gradient is {@code alpha p[j] - beta w[j] - gamma [j = y]}, where {@code alpha = d(cross-entropy) + d(spread) (W -
 * w[y]) + d(lse)}, {@code beta = d(spread)} and {@code gamma = d(cross-entropy) - d(spread) w[y]}; or {@code alpha p[j] -
 * d(cross-entropy) w[j] t[j]} with {@code alpha = d(cross-entropy) T + d(lse)}. The entropy adds {@code -d(entropy) p[j] (log
 * p[j] + entropy)}.
 */
final class SoftmaxTileGroup {

    private final LossKernels kernels;
    private final SoftmaxTask task;
    private final double scale;
    private final Matrix matrix;
    private final boolean wantsEntropy;

    /** Whether rows have a class, be it spread over others or not. */
    private final boolean hasClasses;

    private final GroupSums sums;
    private final Tiles tiles;
    private final Scratch scratch;

    /** Logits as they were read, which the derivative of the soft-cap needs. */
    private final MemorySegment read;

    /** Logits as kernels see them: centered where targets are dense. */
    private final MemorySegment logits;

    /** Whether no row can be left out. */
    private final boolean countsAll;

    /** Whether dense targets are used as the caller has them. */
    private final boolean readsTargets;

    /** Whether the gradient is made in the one pass over the logits. */
    private final boolean gradesAtOnce;

    /** Whether the gradient is made where the caller wants it: rows that are a tile, with nothing left to be done to them. */
    private final boolean gradesInPlace;

    /** Where the gradient of the group is made, and its dense targets. */
    private MemorySegment gradientRows = MemorySegment.NULL;

    private MemorySegment targetRows = MemorySegment.NULL;

    private final RowPlaces numbers;
    private final RowNumbers row = new RowNumbers();
    private long from;
    private int count;

    /**
     * Prepares the work of one thread.
     *
     * @param task inputs, options and outputs
     * @param scale factor of gradients
     * @param sums receives each group's loss
     * @param tiles working memory
     */
    SoftmaxTileGroup(SoftmaxTask task, double scale, GroupSums sums, Tiles tiles) {
        this.kernels = tiles.kernels();
        this.task = task;
        this.scale = scale;
        this.matrix = task.matrix();
        this.hasClasses = task.dense() == null || task.dense() instanceof DenseTargets.OneHot;
        this.wantsEntropy = task.rowLoss().needsEntropy() || task.outputs().entropy() != null;
        this.sums = sums;
        this.tiles = tiles;
        this.scratch = tiles.scratch();
        this.read = tiles.tile(Tiles.Buffer.LOGITS);
        boolean keepsRead = task.dense() != null && task.logits().cap() != 0;
        this.logits = keepsRead ? tiles.tile(Tiles.Buffer.OTHER) : read;
        this.countsAll = task.selection().count() == matrix.rows() && !task.skipEmptyRows();
        this.readsTargets = countsAll
                && task.smoothing().isNone()
                && task.weights() == null
                && task.logits().mask() == null;
        this.gradesAtOnce = task.gradient() != null
                && task.dense() == null
                && !wantsEntropy
                && task.rowLoss().isLinear();
        this.gradesInPlace = task.gradient() != null
                && task.logits().arePlain()
                && !task.rowLoss().needsEntropy()
                && StoredRows.areTile(tiles, task.gradient());
        this.numbers = new RowPlaces(tiles);
    }

    /** Does everything for one group of rows. */
    void run(long firstRow, int rows) {
        from = firstRow;
        count = rows;
        task.selection().copy(from, count, scratch.targets);
        loadLogits();
        gradientRows = gradesInPlace
                ? StoredRows.slice(Objects.requireNonNull(task.gradient()), from, count)
                : tiles.tile(Tiles.Buffer.GRADIENT);
        forward();
        if (task.dense() != null) {
            crossEntropies(task.dense());
        }
        if (wantsEntropy) {
            entropies();
        }
        computeLosses();
        if (task.outputs().wantsOrder()) {
            order();
        }
        if (task.gradient() != null) {
            gradient(task.gradient());
        }
        if (task.targetGradient() != null) {
            targetGradient(task.targetGradient());
        }
    }

    /** Reads the rows; those that do not count become 0, so that nothing they hold can matter. */
    private void loadLogits() {
        if (task.dense() != null && task.logits().arePlain() && countsAll && StoredRows.areTile(tiles, matrix)) {
            center(StoredRows.slice(matrix, from, count), logits);
            return;
        }
        task.logits().load(tiles, from, count, read);
        zeroLeftOut(read);
        if (task.dense() != null) {
            center(read, logits);
        }
    }

    private void zeroLeftOut(MemorySegment tile) {
        for (int i = 0; i < count; i++) {
            if (target(i) < 0) {
                tiles.zeroRow(tile, i);
            }
        }
    }

    /** Moves the maximum of each row to 0, so that differences from the log-sum-exp keep their digits. */
    private void center(MemorySegment source, MemorySegment destination) {
        tiles.run(tiles.step(TileOperation.CENTER, count).a(source).out(destination));
        for (int i = 0; i < count; i++) {
            numbers.set(Place.MAXIMUM, i, tiles.result(i));
        }
    }

    /**
     * The pass over the logits. Where the gradient's coefficients do not depend on what it finds, the gradient is made in it;
     * where targets are dense the softmax is, of which the gradient is made later.
     */
    private void forward() {
        boolean spread = task.rowLoss().needsSpread() && task.dense() == null;
        SoftmaxRows rows = rows(logits)
                .rowOutputs(
                        task.dense() == null ? scratch.negativeLogLikelihood : MemorySegment.NULL,
                        scratch.logSumExp,
                        spread ? scratch.spread : MemorySegment.NULL);
        if (task.gradient() != null && task.dense() != null) {
            scratch.setCoefficients(0, 1, 0, 0);
            kernels.softmaxGradient(rows.coefficients(scratch.coefficients, 0).gradient(gradientRows, tiles.columns()));
        } else if (gradesAtOnce) {
            setKnownCoefficients();
            grade(rows);
        } else {
            kernels.softmaxForward(rows);
        }
        for (int i = 0; i < count; i++) {
            double lse = scratch.logSumExp.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            numbers.set(Place.CENTERED_LOG_SUM_EXP, i, lse);
            numbers.set(Place.LOG_SUM_EXP, i, task.dense() == null ? lse : numbers.get(Place.MAXIMUM, i) + lse);
        }
    }

    private void grade(SoftmaxRows rows) {
        kernels.softmaxGradient(
                rows.coefficients(scratch.coefficients, Scratch.COEFFICIENTS).gradient(gradientRows, tiles.columns()));
    }

    /** The derivatives of a loss that is linear are those of any numbers. */
    private void setKnownCoefficients() {
        for (int i = 0; i < count; i++) {
            row.clearResults();
            if (target(i) >= 0) {
                row.classWeight = classWeight(i);
                task.rowLoss().compute(row);
                setCoefficients(i, scale * task.selection().rowWeight(from + i));
            }
        }
    }

    /** Arguments for the kernels: with classes and their weights, unless targets are dense. */
    private SoftmaxRows rows(MemorySegment source) {
        SoftmaxRows rows = tiles.softmax(source, count).emptyRowsZero(task.skipEmptyRows());
        if (task.dense() == null) {
            rows.targets(scratch.targets, 0);
            if (task.weights() != null) {
                rows.classWeights(task.weights().segment(), task.weights().total());
            }
        }
        return rows;
    }

    /** Makes the tile of targets, smoothed and weighted, and each row's cross-entropy and mass. */
    private void crossEntropies(DenseTargets dense) {
        targetRows = tiles.tile(Tiles.Buffer.TARGETS);
        if (readsTargets && dense instanceof DenseTargets.Full(Matrix probabilities)) {
            targetRows = StoredRows.read(tiles, probabilities, from, count, targetRows);
        } else {
            dense.load(tiles, from, count, targetRows);
            zeroLeftOut(targetRows);
            smoothAndWeigh(targetRows);
        }
        cross(targetRows, logits);
        for (int i = 0; i < count; i++) {
            numbers.set(Place.CROSS_ENTROPY, i, tiles.result(2L * i));
            numbers.set(Place.MASS, i, tiles.result(2L * i + 1));
        }
    }

    /** Takes each row's sum over the classes of mass times (log-sum-exp minus centered logit), and of the mass. */
    private void cross(MemorySegment masses, MemorySegment centered) {
        for (int i = 0; i < count; i++) {
            tiles.setScalars(i, numbers.get(Place.CENTERED_LOG_SUM_EXP, i), 0, 0);
        }
        tiles.runByRow(tiles.step(TileOperation.CROSS, count).a(masses).b(centered));
    }

    private void smoothAndWeigh(MemorySegment targets) {
        ClassMask mask = task.logits().mask();
        LabelSmoothing smoothing = task.smoothing();
        if (!smoothing.isNone() || task.weights() != null) {
            for (int i = 0; i < count; i++) {
                int classes = smoothedClasses(i);
                boolean counts = target(i) >= 0;
                tiles.setScalars(i, counts ? keep(classes) : 0, counts ? smoothing.massPerClass(classes) : 0, 0);
            }
            TileStep step = tiles.step(TileOperation.TARGETS, count).a(targets).out(targets);
            tiles.runByRow(
                    task.weights() == null ? step : step.column(task.weights().segment()));
        }
        if (mask != null) {
            LogitRows.runMask(tiles, mask, from, count, targets, 0);
        }
    }

    /** What smoothing over some classes leaves of a target. */
    private double keep(int classes) {
        return task.smoothing().massOfTarget(classes) - task.smoothing().massPerClass(classes);
    }

    /** Classes that a row's smoothing spreads over; those of a mask are counted only if there is smoothing. */
    private int smoothedClasses(int i) {
        ClassMask mask = task.logits().mask();
        return mask == null || task.smoothing().isNone() ? matrix.columns() : mask.keptClasses(from + i);
    }

    private void entropies() {
        MemorySegment centered = logits;
        if (task.dense() == null) {
            centered = tiles.tile(Tiles.Buffer.OTHER);
            center(logits, centered);
            kernels.softmaxForward(tiles.softmax(centered, count)
                    .rowOutputs(MemorySegment.NULL, scratch.logSumExp, MemorySegment.NULL));
            for (int i = 0; i < count; i++) {
                double lse = scratch.logSumExp.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
                numbers.set(Place.CENTERED_LOG_SUM_EXP, i, lse);
            }
        }
        MemorySegment probabilities = tiles.tile(Tiles.Buffer.PROBABILITIES);
        tiles.softmax(centered, count, probabilities, task.skipEmptyRows());
        cross(probabilities, centered);
        for (int i = 0; i < count; i++) {
            numbers.set(Place.ENTROPY, i, tiles.result(2L * i));
        }
    }

    /** Makes every row's loss, adds them up, and sets the coefficients of the gradient. */
    private void computeLosses() {
        CompensatedSum weight = new CompensatedSum();
        long kept = 0;
        for (int i = 0; i < count; i++) {
            boolean counts = target(i) >= 0 && !(task.skipEmptyRows() && isEmpty(i));
            if (counts) {
                kept++;
                computeLoss(i);
                weight.add(task.selection().rowWeight(from + i) * classWeight(i));
            } else {
                leaveOut(i);
            }
            scratch.negativeLogLikelihood.setAtIndex(ValueLayout.JAVA_DOUBLE, i, row.loss);
            // The scale of a mean over nothing is NaN, which must not reach rows that do not count.
            setCoefficients(i, counts ? scale * task.selection().rowWeight(from + i) : 0);
            writeNumbers(i, counts);
        }
        int group = (int) (from / RowWork.groupRows(matrix.columns()));
        sums.setLoss(group, scratch.negativeLogLikelihood, 0, count);
        if (task.skipEmptyRows()) {
            sums.setCount(group, kept, weight);
        }
    }

    /** A row that does not count has neither loss nor gradient, whatever its logits and targets are. */
    private void leaveOut(int i) {
        row.clearResults();
        if (task.dense() != null) {
            tiles.zeroRow(targetRows, i);
            numbers.set(Place.MASS, i, 0);
        }
    }

    private boolean isEmpty(int i) {
        return numbers.get(Place.LOG_SUM_EXP, i) == Double.NEGATIVE_INFINITY;
    }

    private void computeLoss(int i) {
        boolean dense = task.dense() != null;
        row.index = from + i;
        row.target = dense ? -1 : target(i);
        row.classWeight = dense ? 1 : classWeight(i);
        row.crossEntropy = dense
                ? numbers.get(Place.CROSS_ENTROPY, i)
                : scratch.negativeLogLikelihood.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        row.spread = scratch.spread.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        row.logSumExp = numbers.get(Place.LOG_SUM_EXP, i);
        row.entropy = wantsEntropy ? numbers.get(Place.ENTROPY, i) : 0;
        row.clearResults();
        if (Double.isNaN(row.logSumExp) || isEmpty(i)) {
            row.loss = Double.NaN;
            row.byCrossEntropy = Double.NaN;
            row.byLogSumExp = Double.NaN;
        } else {
            task.rowLoss().compute(row);
        }
        row.loss *= task.selection().rowWeight(row.index);
    }

    /** The weight of a row's class; 1 without weights, and where the row has no class. */
    private double classWeight(int i) {
        return hasClasses && task.weights() != null ? task.weights().of(target(i)) : 1;
    }

    /** The derivatives of the row's loss, times a factor, as coefficients of the terms of the gradient. */
    private void setCoefficients(int i, double factor) {
        double byCross = factor * row.byCrossEntropy;
        double bySpread = factor * row.bySpread;
        double byLogSumExp = factor * row.byLogSumExp;
        if (task.dense() == null) {
            double total =
                    task.weights() == null ? matrix.columns() : task.weights().total();
            double ofOthers = bySpread == 0 ? 0 : bySpread * (total - row.classWeight);
            scratch.setCoefficients(
                    i, byCross + ofOthers + byLogSumExp, bySpread, byCross - bySpread * row.classWeight);
        } else {
            scratch.setCoefficients(i, byCross * numbers.get(Place.MASS, i) + byLogSumExp, 0, 0);
        }
        numbers.set(Place.BY_CROSS_ENTROPY, i, byCross);
        numbers.set(Place.BY_ENTROPY, i, factor * row.byEntropy);
    }

    private void writeNumbers(int i, boolean counts) {
        RowOutputs outputs = task.outputs();
        RowOutputs.set(outputs.losses(), from + i, row.loss);
        RowOutputs.set(outputs.logSumExp(), from + i, counts ? numbers.get(Place.LOG_SUM_EXP, i) : 0);
        if (outputs.targetLogProbability() != null) {
            RowOutputs.set(outputs.targetLogProbability(), from + i, counts ? targetLogProbability(i) : 0);
        }
        RowOutputs.set(outputs.entropy(), from + i, counts ? numbers.get(Place.ENTROPY, i) : 0);
    }

    private double targetLogProbability(int i) {
        if (task.dense() == null) {
            return 0.0 - row.crossEntropy;
        }
        // The cross-entropy of dense targets has all classes in it.
        return tiles.get(logits, (long) i * tiles.columns() + target(i)) - numbers.get(Place.CENTERED_LOG_SUM_EXP, i);
    }

    private void order() {
        for (int i = 0; i < count; i++) {
            tiles.setScalars(i, hasClasses ? target(i) : -1, 0, 0);
        }
        tiles.runByRow(tiles.step(TileOperation.ORDER, count).a(logits));
        for (int i = 0; i < count; i++) {
            boolean ignored = target(i) < 0;
            RowOutputs.set(task.outputs().predictions(), from + i, ignored ? -1 : tiles.result(2L * i));
            RowOutputs.set(task.outputs().targetRanks(), from + i, ignored ? -1 : tiles.result(2L * i + 1));
        }
    }

    private void gradient(Matrix output) {
        if (task.dense() != null) {
            subtractTargets();
        } else if (!gradesAtOnce) {
            grade(rows(logits));
        }
        if (task.rowLoss().needsEntropy()) {
            addEntropyGradient();
        }
        if (!gradesInPlace) {
            task.logits().store(tiles, gradientRows, read, output, from, count);
        }
    }

    /** Turns the softmax into the gradient. */
    private void subtractTargets() {
        for (int i = 0; i < count; i++) {
            double alpha = scratch.coefficients.getAtIndex(ValueLayout.JAVA_DOUBLE, (long) i * Scratch.COEFFICIENTS);
            tiles.setScalars(i, alpha, numbers.get(Place.BY_CROSS_ENTROPY, i), 0);
        }
        tiles.runByRow(tiles.step(TileOperation.BLEND, count).a(targetRows).out(gradientRows));
    }

    private void addEntropyGradient() {
        MemorySegment centered = task.dense() == null ? tiles.tile(Tiles.Buffer.OTHER) : logits;
        for (int i = 0; i < count; i++) {
            double factor = 0.0 - numbers.get(Place.BY_ENTROPY, i);
            double logSumExp = numbers.get(Place.CENTERED_LOG_SUM_EXP, i);
            tiles.setScalars(i, factor, logSumExp, 0.0 - numbers.get(Place.ENTROPY, i));
        }
        tiles.runByRow(tiles.step(TileOperation.TILT, count)
                .a(centered)
                .b(tiles.tile(Tiles.Buffer.PROBABILITIES))
                .out(gradientRows));
    }

    /** The derivative of {@code d sum over j of w[j] keep t[j] (lse - x[j])} by t: {@code -d keep w[j] log p[j]}. */
    private void targetGradient(Matrix output) {
        MemorySegment gradient = tiles.tile(Tiles.Buffer.GRADIENT);
        tiles.logSoftmax(logits, count, gradient);
        for (int i = 0; i < count; i++) {
            double factor = 0.0 - numbers.get(Place.BY_CROSS_ENTROPY, i) * keep(smoothedClasses(i));
            if (factor == 0) {
                // Wins over a log-probability of -inf or NaN.
                tiles.zeroRow(gradient, i);
            }
            tiles.setScalars(i, factor, 0, 0);
        }
        TileStep step = tiles.step(TileOperation.TARGETS, count).a(gradient).out(gradient);
        if (task.weights() == null) {
            tiles.runByRow(step);
        } else {
            tiles.runByRow(step.column(task.weights().segment()));
            zeroWeightless(task.weights(), gradient);
        }
        if (task.logits().mask() != null) {
            LogitRows.runMask(tiles, task.logits().mask(), from, count, gradient, 0);
        }
        StoredRows.store(tiles, gradient, output, from, count);
    }

    /** Where the weight of a class is 0 so is the derivative by its target, also if the logarithm is -inf. */
    private void zeroWeightless(ClassWeights.Table weights, MemorySegment gradient) {
        MemorySegment kept = tiles.bytes(Tiles.Buffer.MASK, (long) tiles.capacity() * tiles.columns());
        for (int j = 0; j < tiles.columns(); j++) {
            kept.set(ValueLayout.JAVA_BYTE, j, (byte) (weights.of(j) == 0 ? 0 : 1));
        }
        tiles.run(
                tiles.step(TileOperation.MASK, count).a(gradient).c(kept, true).out(gradient), 0, 0, 0);
    }

    private int target(int i) {
        return scratch.targets.getAtIndex(ValueLayout.JAVA_INT, i);
    }
}
