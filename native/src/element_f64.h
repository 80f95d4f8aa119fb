/* Sets the element type of the templates that are included next to double. */
#define REAL double
#define N(name) name##_f64
