/* From the number of an operation to the function, for one element type. A template, the last of its kind. */

static tile_operation *const N(operations)[XENT_TILE_COUNT] = {
    [XENT_TILE_WIDEN_BFLOAT16] = widen_bfloat16,   /* of float alone */
    [XENT_TILE_WIDEN_FLOAT16] = widen_float16,     /* of float alone */
    [XENT_TILE_NARROW_BFLOAT16] = narrow_bfloat16, /* of float alone */
    [XENT_TILE_NARROW_FLOAT16] = narrow_float16,   /* of float alone */
    [XENT_TILE_SHAPE] = N(shape),
    [XENT_TILE_SHAPE_GRADIENT] = N(shape_gradient),
    [XENT_TILE_MASK] = N(mask),
    [XENT_TILE_CENTER] = N(center),
    [XENT_TILE_TARGETS] = N(targets),
    [XENT_TILE_CROSS] = N(cross),
    [XENT_TILE_BLEND] = N(blend),
    [XENT_TILE_TILT] = N(tilt),
    [XENT_TILE_EXP] = N(exponential),
    [XENT_TILE_LOG] = N(logarithm),
    [XENT_TILE_RATIO] = N(ratio),
    [XENT_TILE_LOGISTIC] = N(logistic),
    [XENT_TILE_SIGMOID_SQUARED] = N(sigmoid_squared),
    [XENT_TILE_BERNOULLI] = N(bernoulli),
    [XENT_TILE_ORDER] = N(order),
    [XENT_TILE_RANGE] = N(range),
};

static void N(tile)(const struct xent_tile *tile) { tile_run(tile, N(operations)[tile->operation]); }
