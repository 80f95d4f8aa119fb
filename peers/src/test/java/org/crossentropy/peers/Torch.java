package org.crossentropy.peers;

import java.util.function.Function;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The little of PyTorch that the comparisons need, with doubles and arrays. */
final class Torch {

    /** Values of {@code at::Reduction}. */
    static final long NONE = 0;

    static final long MEAN = 1;
    static final long SUM = 2;

    /** A loss and its gradient by the first argument. */
    @SuppressWarnings("ArrayRecordComponent")
    record Value(double loss, double[] gradient) {}

    /** A loss and its gradients by all arguments. */
    @SuppressWarnings("ArrayRecordComponent")
    record Gradients(double loss, double[][] of) {}

    /** An argument of a function. */
    @SuppressWarnings("ArrayRecordComponent")
    record Argument(double[] values, long... shape) {

        static Argument scalar(double value) {
            return new Argument(new double[] {value}, 1);
        }
    }

    private Torch() {}

    static Tensor floats(float[] values, long... shape) {
        return Tensor.create(values, shape);
    }

    static Tensor doubles(double[] values, long... shape) {
        return Tensor.create(values, shape);
    }

    static Tensor longs(long[] values, long... shape) {
        return Tensor.create(values, shape);
    }

    static Tensor booleans(boolean[] values, long... shape) {
        long[] numbers = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = values[i] ? 1 : 0;
        }
        return longs(numbers, shape).toType(ScalarType.Bool);
    }

    static Scalar scalar(double value) {
        return new Scalar(value);
    }

    static TensorOptional optional(Tensor tensor) {
        return new TensorOptional(tensor);
    }

    static TensorOptional none() {
        return new TensorOptional();
    }

    /** Evaluates a scalar function of a matrix and lets autograd differentiate it. */
    static Value differentiate(double[] values, int rows, int columns, Function<Tensor, Tensor> function) {
        Gradients result = differentiate(inputs -> function.apply(inputs[0]), new Argument(values, rows, columns));
        return new Value(result.loss(), result.of()[0]);
    }

    /** Evaluates a scalar function of several arguments and lets autograd differentiate it by each. */
    static Gradients differentiate(Function<Tensor[], Tensor> function, Argument... arguments) {
        try (PointerScope _ = new PointerScope()) {
            Tensor[] inputs = new Tensor[arguments.length];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = doubles(arguments[i].values(), arguments[i].shape());
                inputs[i].set_requires_grad(true);
            }
            Tensor loss = function.apply(inputs);
            loss.backward();
            double[][] gradients = new double[inputs.length][];
            for (int i = 0; i < inputs.length; i++) {
                gradients[i] = array(inputs[i].grad());
            }
            return new Gradients(loss.item_double(), gradients);
        }
    }

    /** Evaluates a function without differentiating it. */
    static double[] evaluate(double[] values, int rows, int columns, Function<Tensor, Tensor> function) {
        try (PointerScope _ = new PointerScope()) {
            return array(function.apply(doubles(values, rows, columns)));
        }
    }

    static float[] floatArray(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        new FloatPointer(tensor.contiguous().data_ptr_float()).get(values);
        return values;
    }

    static double[] array(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.numel())];
        new DoublePointer(tensor.contiguous().data_ptr_double()).get(values);
        return values;
    }

    /** Log-probability of the target of each row. */
    static Tensor logProbability(Tensor logits, Tensor targets) {
        Tensor logProbabilities = torch.log_softmax(logits, 1);
        return logProbabilities.gather(1, targets.unsqueeze(1)).squeeze(1);
    }

    /** What a tensor lacks to 1. */
    static Tensor complement(Tensor tensor) {
        return tensor.neg().add(scalar(1));
    }
}
