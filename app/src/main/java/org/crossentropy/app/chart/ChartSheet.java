package org.crossentropy.app.chart;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.crossentropy.app.io.InputException;
import org.knowm.xchart.internal.chartpart.Chart;

/** Charts side by side in rows of two, as a picture. */
public final class ChartSheet {

    /** Width of a chart in pixels. */
    public static final int CHART_WIDTH = 700;

    /** Height of a chart in pixels. */
    public static final int CHART_HEIGHT = 500;

    private static final int COLUMNS = 2;

    private ChartSheet() {}

    /**
     * Draws charts, without a screen.
     *
     * @param option what asks for the picture, as an error names it
     * @param source makes the charts, each of the size above; called once it is known that they can be drawn
     * @return the bytes of a PNG file
     * @throws InputException if this machine has no fonts
     */
    public static byte[] png(String option, Supplier<? extends List<? extends Chart<?, ?>>> source) {
        System.setProperty("java.awt.headless", "true");
        Fonts.require(option);
        List<? extends Chart<?, ?>> charts = source.get();
        int rows = Math.ceilDiv(charts.size(), COLUMNS);
        BufferedImage image = new BufferedImage(COLUMNS * CHART_WIDTH, rows * CHART_HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        // Curves go where their numbers are, not to the nearest pixel.
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        paint(graphics, charts);
        graphics.dispose();
        return encode(image);
    }

    private static void paint(Graphics2D graphics, List<? extends Chart<?, ?>> charts) {
        AffineTransform whole = graphics.getTransform();
        for (int i = 0; i < charts.size(); i++) {
            graphics.translate(i % COLUMNS * CHART_WIDTH, i / COLUMNS * CHART_HEIGHT);
            charts.get(i).paint(graphics, CHART_WIDTH, CHART_HEIGHT);
            graphics.setTransform(whole);
        }
    }

    private static byte[] encode(BufferedImage image) {
        ImageIO.setUseCache(false);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ImageWriteParam smallest = writer.getDefaultWriteParam();
        smallest.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        smallest.setCompressionQuality(0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), smallest);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be written", impossible);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
