package org.crossentropy.bench.run;

/**
 * What is known when a task has been made ready, checked and warmed up.
 *
 * @param inputBytes resident memory of the process before the first call, inputs loaded
 * @param peakBytes the most resident memory of the process in the first two calls
 * @param operations floating-point operations of a call, 0 where they are not counted
 * @param detail what the subject says of itself
 */
record Preparation(long inputBytes, long peakBytes, double operations, String detail) {

    static Preparation parse(String text) {
        String[] parts = text.split(" ", 4);
        return new Preparation(
                Long.parseLong(parts[0]), Long.parseLong(parts[1]), Double.parseDouble(parts[2]), parts[3]);
    }

    @Override
    public String toString() {
        return inputBytes + " " + peakBytes + " " + operations + " " + detail;
    }
}
