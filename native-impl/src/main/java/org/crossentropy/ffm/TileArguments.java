package org.crossentropy.ffm;

import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.crossentropy.ffm.bindings.Xent;

/** {@link TileStep} in the terms of the C function. Its segments go down as they are. */
final class TileArguments {
    private TileArguments() {}

    /** {@return the value of {@code xent_tile_operation}} */
    static int operation(TileOperation operation) {
        return switch (operation) {
            case WIDEN_BFLOAT16 -> Xent.XENT_TILE_WIDEN_BFLOAT16();
            case WIDEN_FLOAT16 -> Xent.XENT_TILE_WIDEN_FLOAT16();
            case NARROW_BFLOAT16 -> Xent.XENT_TILE_NARROW_BFLOAT16();
            case NARROW_FLOAT16 -> Xent.XENT_TILE_NARROW_FLOAT16();
            case SHAPE -> Xent.XENT_TILE_SHAPE();
            case SHAPE_GRADIENT -> Xent.XENT_TILE_SHAPE_GRADIENT();
            case MASK -> Xent.XENT_TILE_MASK();
            case CENTER -> Xent.XENT_TILE_CENTER();
            case TARGETS -> Xent.XENT_TILE_TARGETS();
            case CROSS -> Xent.XENT_TILE_CROSS();
            case BLEND -> Xent.XENT_TILE_BLEND();
            case TILT -> Xent.XENT_TILE_TILT();
            case EXP -> Xent.XENT_TILE_EXP();
            case LOG -> Xent.XENT_TILE_LOG();
            case RATIO -> Xent.XENT_TILE_RATIO();
            case LOGISTIC -> Xent.XENT_TILE_LOGISTIC();
            case SIGMOID_SQUARED -> Xent.XENT_TILE_SIGMOID_SQUARED();
            case BERNOULLI -> Xent.XENT_TILE_BERNOULLI();
            case ORDER -> Xent.XENT_TILE_ORDER();
            case RANGE -> Xent.XENT_TILE_RANGE();
        };
    }

    static int sharedC(TileStep step) {
        return step.sharedC() ? 1 : 0;
    }
}
