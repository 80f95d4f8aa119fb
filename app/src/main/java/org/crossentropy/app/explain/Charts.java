package org.crossentropy.app.explain;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.crossentropy.app.chart.ChartSheet;
import org.crossentropy.app.chart.ChartStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The charts of an explanation, drawn by XChart. */
final class Charts {

    private static final float LINE_WIDTH = 3;
    private static final int MARKER_SIZE = 11;

    private Charts() {}

    static List<XYChart> of(Explanation explanation) {
        return List.of(gradients(explanation), losses(explanation), learning(explanation), rates(explanation));
    }

    private static XYChart gradients(Explanation explanation) {
        double first = explanation
                .curve(BinaryLoss.CROSS_ENTROPY)
                .at(Explanation.SURE_AND_WRONG)
                .gradient();
        double second = explanation
                .curve(BinaryLoss.SQUARED_ERROR)
                .at(Explanation.SURE_AND_WRONG)
                .gradient();
        XYChart chart = curves(
                explanation,
                "(a) Gradient of a positive example",
                "gradient with respect to the logit",
                LossCurve.Point::gradient);
        chart.getStyler().setYAxisMin(-1.1).setYAxisMax(0.1);
        chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
        mark(
                chart,
                String.format(Locale.ROOT, "logit %d: %.4f", Explanation.SURE_AND_WRONG, first),
                ChartStyle.BLUE,
                first);
        mark(
                chart,
                String.format(Locale.ROOT, "logit %d: %.5f", Explanation.SURE_AND_WRONG, second),
                ChartStyle.ORANGE,
                second);
        return chart;
    }

    private static XYChart losses(Explanation explanation) {
        XYChart chart = curves(
                explanation, "(b) Loss of a positive example", "loss (cross-entropy: nats)", LossCurve.Point::loss);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(12.0);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
        return chart;
    }

    private static XYChart curves(
            Explanation explanation, String title, String yTitle, ToDoubleFunction<LossCurve.Point> value) {
        XYChart chart = chart(title, "logit (nats)", yTitle);
        for (LossCurve curve : explanation.curves()) {
            double[] x =
                    curve.points().stream().mapToDouble(LossCurve.Point::logit).toArray();
            double[] y = curve.points().stream().mapToDouble(value).toArray();
            line(chart, curve.loss().toString(), x, y, curve.loss(), SeriesMarkers.NONE);
        }
        chart.getStyler().setXAxisMin(-12.0).setXAxisMax(12.0);
        return chart;
    }

    private static XYChart learning(Explanation explanation) {
        Recovery recovery = explanation.recovery();
        XYChart chart = chart("(c) Learning from a sure and wrong start, rate 1", "step", "training accuracy (%)");
        int shown = shownSteps(recovery);
        for (Descent descent : recovery.descents()) {
            double[] x = new double[shown];
            double[] y = new double[shown];
            for (int step = 1; step <= shown; step++) {
                x[step - 1] = step;
                y[step - 1] = 100 * descent.states().get(step).accuracy();
            }
            String steps = descent.stepsToGoal().isPresent()
                    ? ": 95 % after " + descent.stepsToGoal().getAsInt()
                    : ": not 95 % in " + recovery.steps();
            line(chart, descent.loss() + steps, x, y, descent.loss(), SeriesMarkers.NONE);
        }
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
        chart.getStyler().setXAxisLogarithmic(true).setXAxisMin(1.0).setXAxisMax((double) shown);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        return chart;
    }

    /** About a third more than the slower loss needs, to a round number. */
    private static int shownSteps(Recovery recovery) {
        int slowest = recovery.descents().stream()
                .mapToInt(descent -> descent.stepsToGoal().orElse(recovery.steps()))
                .max()
                .orElseThrow();
        return Math.min(recovery.steps(), (slowest + slowest / 3) / 50 * 50 + 50);
    }

    private static XYChart rates(Explanation explanation) {
        XYChart chart = chart(
                "(d) Steps to 95 % right, by learning rate",
                String.format(
                        Locale.ROOT,
                        "learning rate (no point: more than %,d steps)",
                        explanation.recovery().steps()),
                "steps");
        for (Start start : Start.values()) {
            for (BinaryLoss loss : BinaryLoss.values()) {
                addTrials(chart, explanation.recovery(), start, loss);
            }
        }
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        chart.getStyler().setXAxisMin(0.03).setXAxisMax(3000.0).setYAxisMin(1.0);
        chart.getStyler()
                .setYAxisMax(Math.max(
                        10.0,
                        Math.pow(10, Math.ceil(Math.log10(explanation.recovery().steps())))));
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
        return chart;
    }

    private static void addTrials(XYChart chart, Recovery recovery, Start start, BinaryLoss loss) {
        List<Trial> trials = recovery.trials().stream()
                .filter(trial -> trial.start() == start && trial.loss() == loss)
                .filter(trial -> trial.steps().isPresent())
                .toList();
        if (trials.isEmpty()) {
            return;
        }
        double[] x = trials.stream().mapToDouble(Trial::learningRate).toArray();
        double[] y =
                trials.stream().mapToDouble(trial -> trial.steps().getAsInt()).toArray();
        boolean wrong = start == Start.SURE_AND_WRONG;
        XYSeries series = line(
                chart,
                loss + (wrong ? ", sure and wrong" : ", weights 0"),
                x,
                y,
                loss,
                wrong ? SeriesMarkers.CIRCLE : SeriesMarkers.DIAMOND);
        if (!wrong) {
            series.setLineStyle(new BasicStroke(
                    LINE_WIDTH * 0.7f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {9, 7}, 0));
        }
    }

    private static void mark(XYChart chart, String name, Color color, double gradient) {
        XYSeries point = chart.addSeries(name, new double[] {Explanation.SURE_AND_WRONG}, new double[] {gradient});
        point.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
        point.setLineStyle(new BasicStroke(0)).setLineColor(new Color(0, true));
    }

    private static XYSeries line(XYChart chart, String name, double[] x, double[] y, BinaryLoss loss, Marker marker) {
        Color color = loss == BinaryLoss.CROSS_ENTROPY ? ChartStyle.BLUE : ChartStyle.ORANGE;
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(marker).setMarkerColor(color);
        series.setLineStyle(new BasicStroke(LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        series.setLineColor(color);
        return series;
    }

    private static XYChart chart(String title, String xTitle, String yTitle) {
        XYChart chart = new XYChartBuilder()
                .width(ChartSheet.CHART_WIDTH)
                .height(ChartSheet.CHART_HEIGHT)
                .title(title)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .build();
        ChartStyle.apply(chart.getStyler());
        chart.getStyler().setMarkerSize(MARKER_SIZE);
        return chart;
    }
}
