package org.crossentropy.app.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import org.knowm.xchart.style.AxesChartStyler;

/** How every chart looks. */
public final class ChartStyle {

    /** The first of three colours that people who tell few colours apart still tell apart (Okabe and Ito 2008). */
    public static final Color BLUE = new Color(0, 114, 178);

    /** The second. */
    public static final Color ORANGE = new Color(213, 94, 0);

    /** The third. */
    public static final Color GREEN = new Color(0, 158, 115);

    /** For what the others are compared with. */
    public static final Color GREY = new Color(190, 190, 190);

    private static final Color INK = new Color(51, 51, 51);
    private static final Color GRID = new Color(225, 225, 225);

    private ChartStyle() {}

    /**
     * Makes a chart look so.
     *
     * @param style that of the chart
     */
    public static void apply(AxesChartStyler style) {
        style.setChartBackgroundColor(Color.WHITE)
                .setChartFontColor(INK)
                .setChartPadding(18)
                .setChartTitleFont(font(Font.BOLD, 21))
                .setChartTitleBoxVisible(false)
                .setChartTitlePadding(14)
                .setLegendFont(font(Font.PLAIN, 17))
                .setLegendBorderColor(GRID)
                .setLegendPadding(10)
                .setLegendSeriesLineLength(34)
                .setPlotBorderVisible(false)
                .setLocale(Locale.ROOT);
        style.setAxisTitleFont(font(Font.PLAIN, 17))
                .setAxisTickLabelsFont(font(Font.PLAIN, 16))
                .setAxisTickLabelsColor(INK)
                .setPlotGridLinesColor(GRID)
                .setPlotGridLinesStroke(new BasicStroke(1))
                .setXAxisTickMarkSpacingHint(90)
                .setYAxisTickMarkSpacingHint(60);
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }
}
