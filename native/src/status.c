/* What the library says of itself. */
#include <stddef.h>

#include "xent/xent.h"

int32_t xent_abi(void) { return XENT_ABI; }

const char *xent_version(void) { return XENT_VERSION; /* from CMakeLists.txt */ }

const char *xent_status_name(int32_t status) {
    switch (status) {
    case XENT_OK:
        return "XENT_OK";
    case XENT_INVALID_ARGUMENT:
        return "XENT_INVALID_ARGUMENT";
    case XENT_UNSUPPORTED:
        return "XENT_UNSUPPORTED";
    default:
        return NULL;
    }
}

int64_t xent_sizeof_coefficients(void) { return sizeof(xent_coefficients); }

int64_t xent_offsetof_coefficients_gamma(void) { return offsetof(xent_coefficients, gamma); }
