package org.crossentropy.app.data;

import java.util.List;

/** Examples that are lines of measurements, each measurement brought to a common scale. */
final class Table implements Examples {

    /** One line: its measurements and its class. */
    record Line(List<Double> values, int label) {}

    private final String noun;
    private final List<Line> lines;
    private final Standardisation scale;

    Table(String noun, List<Line> lines, Standardisation scale) {
        this.noun = noun;
        this.lines = List.copyOf(lines);
        this.scale = scale;
    }

    @Override
    public int count() {
        return lines.size();
    }

    @Override
    public int features() {
        return scale.features();
    }

    @Override
    public int classOf(int example) {
        return lines.get(example).label();
    }

    @Override
    public void read(int example, float[] row) {
        List<Double> values = lines.get(example).values();
        for (int j = 0; j < row.length; j++) {
            row[j] = (float) scale.apply(j, values.get(j));
        }
    }

    @Override
    public String noun() {
        return noun;
    }

    @Override
    public String shape() {
        return features() + " features";
    }
}
