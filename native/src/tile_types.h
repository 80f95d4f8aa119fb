/* The operations on tiles for both element types, with the flags of the file that includes this. */

/* The order matters: each of these builds on the ones before it. */
#include "tile.h"

#include "tile_short.h"

#include "element_f32.h"

#include "tile_elements.h"

#include "tile_losses.h"

#include "tile_rows.h"

#include "tile_table.h"

#include "element_end.h"

#include "element_f64.h"

#include "tile_elements.h"

#include "tile_losses.h"

#include "tile_rows.h"

#include "tile_table.h"

#include "element_end.h"
