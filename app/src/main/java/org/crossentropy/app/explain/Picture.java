package org.crossentropy.app.explain;

import org.crossentropy.app.chart.ChartSheet;
import org.crossentropy.app.io.InputException;

/** The explanation as a picture of four charts: gradient and loss by logit above, learning by step and by rate below. */
public final class Picture {

    /** More bytes than a picture takes. */
    public static final long LARGEST_SIZE = 1 << 20;

    /** Size of the picture in pixels. */
    public static final int WIDTH = 2 * ChartSheet.CHART_WIDTH;

    /** Size of the picture in pixels. */
    public static final int HEIGHT = 2 * ChartSheet.CHART_HEIGHT;

    private Picture() {}

    /**
     * Draws it, without a screen.
     *
     * @param explanation what to draw
     * @return the bytes of a PNG file
     * @throws InputException if this machine has no fonts
     */
    public static byte[] png(Explanation explanation) {
        return ChartSheet.png("--picture", () -> Charts.of(explanation));
    }
}
