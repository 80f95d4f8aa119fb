package org.crossentropy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.crossentropy.bench.Measurement.Group;
import org.crossentropy.bench.Measurement.Kind;
import org.crossentropy.bench.Measurement.Subject;
import org.junit.jupiter.api.Test;

class ReportTableTest {

    private static final Group GROUP = new Group(new Shape(1000, 250), "FLOAT32", 1, Kind.FORWARD_BACKWARD);

    @Test
    void comparesWithTheFasterProbeAndWithTheNativeBackend() {
        List<String> lines = new ReportTable(List.of(
                        measurement("vector", 400_000, 500_000),
                        measurement("vector", 300_000, 700_000),
                        measurement("native", 200_000, 250_000),
                        measurement("probe: copy", 200_000, 200_000),
                        measurement("probe: copyNonTemporal", 100_000, 110_000)))
                .lines();

        assertEquals(5, lines.size());
        assertTrue(lines.get(1).contains("probe: copy "), lines.get(1));
        assertTrue(lines.get(1).endsWith("50 %"), lines.get(1));
        assertTrue(lines.get(3).contains("native"), lines.get(3));
        assertTrue(lines.get(3).endsWith("200.0   250.0      0.8000  10.00      50 %      100 %"), lines.get(3));
        assertTrue(lines.get(4).endsWith("300.0   600.0      1.2000   6.67      33 %       67 %"), lines.get(4));
    }

    @Test
    void saysSoWhereThereIsNothingToCompareWith() {
        List<String> lines = new ReportTable(List.of(measurement("scalar", 1e6, 1e6))).lines();

        assertTrue(lines.get(1).endsWith("-          -"), lines.get(1));
    }

    private static Measurement measurement(String runner, double fastest, double median) {
        return new Measurement(new Subject(GROUP, runner, "offheap"), fastest, median);
    }
}
