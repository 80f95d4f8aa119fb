/* The memory probes of xent.h, in the vectors of an instruction set: the kernels' loads and stores, and no
 * arithmetic. */

static float probe_read(const float *source, int64_t count) {
    vec_f32 sum[LANES_f32 / WIDTH_f32];
    float rest = 0;
    UNROLL for (int r = 0; r < LANES_f32 / WIDTH_f32; r++) { sum[r] = set1_f32(0); }
    int64_t j = 0;
    for (; j + LANES_f32 <= count; j += LANES_f32) {
        UNROLL for (int r = 0; r < LANES_f32 / WIDTH_f32; r++) {
            sum[r] = add_f32(sum[r], load_f32(source + j + r * WIDTH_f32));
        }
    }
    for (; j < count; j++) {
        rest += source[j];
    }
    UNROLL for (int r = 1; r < LANES_f32 / WIDTH_f32; r++) { sum[0] = add_f32(sum[0], sum[r]); }
    return largest_f32(sum[0]) + rest;
}

static void probe_copy(const float *source, float *target, int64_t count, int32_t non_temporal) {
    int64_t j = 0;
    if (non_temporal) {
        for (; j < count && (uintptr_t)(target + j) % 64 != 0; j++) {
            target[j] = source[j];
        }
        for (; j + WIDTH_f32 <= count; j += WIDTH_f32) {
            stream_f32(target + j, load_f32(source + j));
        }
        finish_streaming();
    }
    for (; j + WIDTH_f32 <= count; j += WIDTH_f32) {
        store_f32(target + j, load_f32(source + j));
    }
    for (; j < count; j++) {
        target[j] = source[j];
    }
}

static void probe_update(float *values, int64_t count) {
    int64_t j = 0;
    for (; j + WIDTH_f32 <= count; j += WIDTH_f32) {
        store_f32(values + j, negate_f32(load_f32(values + j)));
    }
    for (; j < count; j++) {
        values[j] = -values[j];
    }
}
