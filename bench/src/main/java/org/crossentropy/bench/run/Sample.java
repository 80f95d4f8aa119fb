package org.crossentropy.bench.run;

/**
 * Times of some calls.
 *
 * @param calls number of calls
 * @param fastest nanoseconds of the fastest
 * @param median nanoseconds of the median
 * @param allocated bytes that one call allocated on the Java heap, all threads together
 */
record Sample(long calls, double fastest, double median, double allocated) {

    static Sample parse(String text) {
        String[] parts = text.split(" ", -1);
        return new Sample(
                Long.parseLong(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Double.parseDouble(parts[3]));
    }

    @Override
    public String toString() {
        return calls + " " + fastest + " " + median + " " + allocated;
    }
}
