/* Sets the element type of the templates that are included next to float. */
#define REAL float
#define N(name) name##_f32
