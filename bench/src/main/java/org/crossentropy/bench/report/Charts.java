package org.crossentropy.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The charts of the document, drawn by XChart, four or so to a picture. */
final class Charts {

    static final int WIDTH = 800;
    static final int HEIGHT = 520;
    private static final int COLUMNS = 2;

    /** Colours that people who tell few colours apart still tell apart (Okabe and Ito 2008). */
    static final Map<String, Color> COLOURS = colours();

    private static final Color GRID = new Color(225, 225, 225);
    private static final Color INK = new Color(51, 51, 51);

    private final Figures figures;
    private final Growth growth;

    Charts(Figures figures) {
        this.figures = figures;
        growth = new Growth(figures);
        System.setProperty("java.awt.headless", "true");
    }

    private static Map<String, Color> colours() {
        Map<String, Color> colours = new LinkedHashMap<>();
        colours.put("native", new Color(0, 114, 178));
        colours.put("vector", new Color(86, 180, 233));
        colours.put("scalar", new Color(0, 158, 115));
        colours.put("hand-written", new Color(150, 150, 150));
        colours.put("PyTorch, huge pages", new Color(213, 94, 0));
        colours.put("PyTorch", new Color(230, 159, 0));
        colours.put("DJL", new Color(240, 228, 66));
        colours.put("TensorFlow", new Color(204, 121, 167));
        colours.put("ND4J", new Color(120, 60, 120));
        colours.put("ONNX Runtime", new Color(40, 40, 40));
        return colours;
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Chart<?, ?>> losses = new ArrayList<>();
        for (int threads : Part.THREADS) {
            for (Pass pass : Growth.PASSES) {
                losses.add(losses(pass, threads));
            }
        }
        save(losses, folder.resolve("losses.png"));
        save(growth(Growth.SERIES.subList(0, 1)), folder.resolve("growth-classes.png"));
        save(new HeadCharts(figures).charts(), folder.resolve("heads.png"));
        save(growth(Growth.SERIES.subList(1, Growth.SERIES.size())), folder.resolve("growth-rows.png"));
    }

    private List<Chart<?, ?>> growth(List<Growth.Series> all) {
        List<Chart<?, ?>> charts = new ArrayList<>();
        for (Growth.Series series : all) {
            for (Pass pass : Growth.PASSES) {
                charts.add(growth(series, pass));
            }
        }
        return charts;
    }

    private Chart<?, ?> losses(Pass pass, int threads) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(pass.title() + ", " + Names.threads(threads))
                .xAxisTitle("rows x classes")
                .yAxisTitle("ns per element (logarithmic)")
                .build();
        style(chart.getStyler());
        chart.getStyler().setYAxisLogarithmic(true).setYAxisMin(0.05).setYAxisMax(100.0);
        chart.getStyler().setAvailableSpaceFill(0.9);
        List<String> titles = Part.TASKS.stream()
                .map(task -> Names.title(task).replace("binary cross-entropy with logits,", "binary"))
                .toList();
        COLOURS.forEach((subject, colour) -> {
            List<Number> values = new ArrayList<>();
            for (Task task : Part.TASKS) {
                double time = figures.fastest(Part.LOSSES, task.with(pass), subject, threads);
                values.add(Double.isNaN(time) ? null : time / task.shape().elements());
            }
            if (values.stream().anyMatch(value -> value != null)) {
                chart.addSeries(subject, titles, values).setFillColor(colour);
            }
        });
        return chart;
    }

    private Chart<?, ?> growth(Growth.Series series, Pass pass) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(pass.title() + " by number of " + series.title())
                .xAxisTitle("number of " + series.title())
                .yAxisTitle("ns per element")
                .build();
        style(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        for (String backend : Subjects.BACKENDS) {
            for (int threads : Part.THREADS) {
                line(chart, series, pass, backend, threads);
            }
        }
        return chart;
    }

    private void line(XYChart chart, Growth.Series series, Pass pass, String backend, int threads) {
        List<Double> sizes = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (Shape shape : growth.shapes(series)) {
            double value = growth.nanosPerElement(Task.plain(shape, pass), backend, threads);
            if (!Double.isNaN(value)) {
                sizes.add((double) series.size().applyAsInt(shape));
                values.add(value);
            }
        }
        if (sizes.isEmpty()) {
            return;
        }
        line(chart, backend + ", " + Names.threads(threads), sizes, values, COLOURS.get(backend), threads > 1);
    }

    /** Adds a line with a marker at each point. */
    static void line(
            XYChart chart, String name, List<Double> x, List<Double> y, @Nullable Color colour, boolean isDashed) {
        XYSeries line = chart.addSeries(name, x, y);
        line.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(colour).setLineColor(colour);
        float[] dashes = isDashed ? new float[] {8, 6} : null;
        line.setLineStyle(new BasicStroke(2.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0));
    }

    static void style(AxesChartStyler style) {
        style.setChartBackgroundColor(Color.WHITE)
                .setChartFontColor(INK)
                .setChartPadding(14)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 19))
                .setChartTitleBoxVisible(false)
                .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14))
                .setLegendBorderColor(GRID)
                .setLegendPosition(LegendPosition.OutsideE)
                .setPlotBorderVisible(false)
                .setLocale(Locale.ROOT);
        style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15))
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14))
                .setAxisTickLabelsColor(INK)
                .setPlotGridLinesColor(GRID)
                .setPlotGridLinesStroke(new BasicStroke(1))
                .setMarkerSize(6);
    }

    private static void save(List<Chart<?, ?>> charts, Path file) throws IOException {
        int rows = (charts.size() + COLUMNS - 1) / COLUMNS;
        BufferedImage image = new BufferedImage(COLUMNS * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        for (int i = 0; i < charts.size(); i++) {
            Graphics2D part = (Graphics2D) graphics.create(i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT, WIDTH, HEIGHT);
            charts.get(i).paint(part, WIDTH, HEIGHT);
            part.dispose();
        }
        graphics.dispose();
        ImageIO.setUseCache(false);
        ImageIO.write(image, "png", file.toFile());
    }
}
