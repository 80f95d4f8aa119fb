package org.crossentropy.bench.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Host;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;

/** Time and working memory of a head by the rows of a chunk. */
final class HeadCharts {

    /** A number of a subject. */
    private interface Value {
        double of(String subject, int threads);
    }

    private static final Task TASK = Part.HEAD.with(Pass.GRADIENT);
    private static final Color LIMIT = new Color(150, 150, 150);

    private final Heads heads;

    HeadCharts(Figures figures) {
        heads = new Heads(figures);
    }

    List<Chart<?, ?>> charts() {
        XYChart time = chart("time", "ms");
        Value millis = (subject, threads) -> heads.time(TASK, subject, threads) / 1e6;
        XYChart memory = chart("memory beyond inputs and gradients", "MB");
        Value megabytes = (subject, threads) -> heads.memory(TASK, subject, threads);
        for (int threads : Part.THREADS) {
            chunks(time, millis, threads);
            constant(
                    time, Names.PYTORCH, millis.of(Names.PYTORCH, threads), threads, Charts.COLOURS.get(Names.PYTORCH));
            constant(time, "bare products", heads.products(TASK, threads) / 1e6, threads, LIMIT);
            chunks(memory, megabytes, threads);
        }
        constant(memory, Names.PYTORCH, megabytes.of(Names.PYTORCH, 1), 1, Charts.COLOURS.get(Names.PYTORCH));
        return List.of(time, memory);
    }

    private static XYChart chart(String what, String unit) {
        XYChart chart = new XYChartBuilder()
                .width(Charts.WIDTH)
                .height(Charts.HEIGHT)
                .title(Names.title(TASK) + ": " + what)
                .xAxisTitle("rows of a chunk")
                .yAxisTitle(unit)
                .build();
        Charts.style(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.0);
        return chart;
    }

    private static void chunks(XYChart chart, Value value, int threads) {
        List<Double> sizes = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int rows : Part.CHUNK_ROWS) {
            double each = value.of(Host.chunkedName(Heads.BACKEND, rows), threads);
            if (!Double.isNaN(each)) {
                sizes.add((double) rows);
                values.add(each);
            }
        }
        line(chart, Heads.BACKEND, sizes, values, threads, Charts.COLOURS.get(Heads.BACKEND));
    }

    /** What has no chunks. */
    private static void constant(XYChart chart, String name, double value, int threads, @Nullable Color colour) {
        if (!Double.isNaN(value)) {
            List<Double> sizes = List.of((double) Part.CHUNK_ROWS.getFirst(), (double) Part.CHUNK_ROWS.getLast());
            line(chart, name, sizes, List.of(value, value), threads, colour);
        }
    }

    private static void line(
            XYChart chart, String name, List<Double> x, List<Double> y, int threads, @Nullable Color colour) {
        if (!x.isEmpty()) {
            Charts.line(chart, name + ", " + Names.threads(threads), x, y, colour, threads > 1);
        }
    }
}
