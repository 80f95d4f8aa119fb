/*
 * The kernels of one vector instruction set: the algorithms for both element types, and their table. The file that
 * includes this has included its vectors, and names the table XENT_KERNELS and that of its tiles XENT_TILE.
 */

/* The order matters: each of these builds on the ones before it. */
#include "vec_math.h"

#include "vec_formats.h"

#include "row_lanes.h"

#include "element_f32.h"

#include "row_ahead.h"

#include "row_blocks.h"

#include "row_output.h"

#include "rows_vector.h"

#include "rows_short.h"

#include "rows_few.h"

#include "rows_mapped.h"

#include "logistic_vector.h"

#include "element_end.h"

#include "element_f64.h"

#include "row_ahead.h"

#include "row_blocks.h"

#include "row_output.h"

#include "rows_vector.h"

#include "rows_short.h"

#include "rows_few.h"

#include "rows_mapped.h"

#include "logistic_vector.h"

#include "element_end.h"

#include "probes.h"

const struct xent_kernels XENT_KERNELS = {
    .forward_f32 = forward_f32,
    .forward_f64 = forward_f64,
    .gradient_f32 = gradient_f32,
    .gradient_f64 = gradient_f64,
    .log_softmax_f32 = log_softmax_f32,
    .log_softmax_f64 = log_softmax_f64,
    .logistic_f32 = logistic_f32,
    .logistic_f64 = logistic_f64,
    .tile = &XENT_TILE,
    .probe_read = probe_read,
    .probe_copy = probe_copy,
    .probe_update = probe_update,
};
