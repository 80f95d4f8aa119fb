/* Ends the part of a file that element_f32.h or element_f64.h began. */
#undef REAL
#undef N
