package org.crossentropy.app.bench;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.crossentropy.app.chart.ChartSheet;
import org.crossentropy.app.chart.ChartStyle;
import org.crossentropy.app.io.InputException;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Comparisons as a picture: one chart for each pass and number of threads, bars for backends and limit. */
public final class BenchPicture {

    /** More bytes than a chart takes. */
    public static final long LARGEST_CHART = 1 << 18;

    private static final List<Color> COLORS = List.of(ChartStyle.BLUE, ChartStyle.ORANGE, ChartStyle.GREEN);

    /** So that five shapes find room side by side. */
    private static final int LABEL_SIZE = 14;

    private BenchPicture() {}

    /**
     * Draws it, without a screen.
     *
     * @param option what asks for the picture, as an error names it
     * @param comparisons what to draw
     * @param missing names of backends that cannot run
     * @return the bytes of a PNG file
     * @throws InputException if this machine has no fonts
     */
    public static byte[] png(String option, List<Comparison> comparisons, List<String> missing) {
        return ChartSheet.png(option, () -> charts(comparisons, missing));
    }

    private static List<CategoryChart> charts(List<Comparison> comparisons, List<String> missing) {
        List<CategoryChart> charts = new ArrayList<>();
        for (int threads :
                comparisons.stream().map(Comparison::threads).distinct().toList()) {
            for (Pass pass : Pass.values()) {
                String title = "(" + (char) ('a' + charts.size()) + ") " + pass + ", " + threads
                        + (threads == 1 ? " thread" : " threads");
                charts.add(chart(
                        title,
                        comparisons.stream()
                                .filter(each -> each.threads() == threads && each.pass() == pass)
                                .toList(),
                        missing));
            }
        }
        align(charts, comparisons);
        return charts;
    }

    private static CategoryChart chart(String title, List<Comparison> comparisons, List<String> missing) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(ChartSheet.CHART_WIDTH)
                .height(ChartSheet.CHART_HEIGHT)
                .title(title)
                .xAxisTitle(missing.isEmpty() ? "" : "cannot run here: " + String.join(", ", missing))
                .yAxisTitle("GB/s")
                .build();
        ChartStyle.apply(chart.getStyler());
        chart.getStyler().setAvailableSpaceFill(0.8).setYAxisLogarithmic(true);
        chart.getStyler().setPlotGridVerticalLinesVisible(false).setLegendPosition(LegendPosition.OutsideS);
        chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
        chart.getStyler().setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, LABEL_SIZE));
        List<String> names = List.copyOf(comparisons.getFirst().timings().keySet());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            Color color = COLORS.get(i % COLORS.size());
            bars(chart, name, color, comparisons, each -> each.timings().getOrDefault(name, each.limit()));
        }
        bars(chart, "limit", ChartStyle.GREY, comparisons, Comparison::limit);
        return chart;
    }

    /** Gives all charts the same axis: from the power of ten below all bars to a little above them. */
    private static void align(List<CategoryChart> charts, List<Comparison> comparisons) {
        DoubleSummaryStatistics speeds = comparisons.stream()
                .flatMap(each -> Stream.concat(Stream.of(each.limit()), each.timings().values().stream())
                        .map(each::gigabytesPerSecond))
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        double least = Math.pow(10, Math.floor(Math.log10(speeds.getMin())));
        for (CategoryChart chart : charts) {
            chart.getStyler().setYAxisMin(least).setYAxisMax(1.1 * speeds.getMax());
        }
    }

    private static void bars(
            CategoryChart chart,
            String name,
            Color color,
            List<Comparison> comparisons,
            Function<Comparison, Timing> timing) {
        List<String> labels =
                comparisons.stream().map(each -> label(each.workload())).toList();
        List<Double> speeds = comparisons.stream()
                .map(each -> each.gigabytesPerSecond(timing.apply(each)))
                .toList();
        chart.addSeries(name, labels, speeds).setFillColor(color);
    }

    private static String label(Workload workload) {
        return switch (workload.loss()) {
            case SOFTMAX -> workload.shape();
            case BINARY -> "BCE " + workload.shape();
        };
    }
}
