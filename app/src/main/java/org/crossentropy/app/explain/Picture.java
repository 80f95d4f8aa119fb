package org.crossentropy.app.explain;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.crossentropy.app.io.InputException;
import org.knowm.xchart.XYChart;

/** The explanation as a picture of four charts: gradient and loss by logit above, learning by step and by rate below. */
public final class Picture {

    /** More bytes than a picture takes. */
    public static final long LARGEST_SIZE = 1 << 20;

    /** Size of the picture in pixels. */
    public static final int WIDTH = 1400;

    /** Size of the picture in pixels. */
    public static final int HEIGHT = 1000;

    private static final int COLUMNS = 2;

    private Picture() {}

    /**
     * Draws it, without a screen.
     *
     * @param explanation what to draw
     * @return the bytes of a PNG file
     * @throws InputException if this machine has no fonts
     */
    public static byte[] png(Explanation explanation) {
        System.setProperty("java.awt.headless", "true");
        Fonts.require();
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        // Curves go where their numbers are, not to the nearest pixel.
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        paint(graphics, Charts.of(explanation));
        graphics.dispose();
        return encode(image);
    }

    private static void paint(Graphics2D graphics, List<XYChart> charts) {
        AffineTransform whole = graphics.getTransform();
        for (int i = 0; i < charts.size(); i++) {
            XYChart chart = charts.get(i);
            int left = i % COLUMNS * chart.getWidth();
            int top = i / COLUMNS * chart.getHeight();
            graphics.translate(left, top);
            chart.paint(graphics, chart.getWidth(), chart.getHeight());
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
