package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

    @Test
    void isDrawnOverItselfAndLeavesNothing() {
        StringWriter text = new StringWriter();
        ProgressBar bar = new ProgressBar(new PrintWriter(text));
        bar.show("epoch 1/2", 1, 2);
        bar.show("epoch 1/2", 2, 2);
        bar.clear();
        String drawn = "epoch 1/2  [" + "#".repeat(15) + ".".repeat(15) + "]";
        assertEquals("\r" + drawn + "\r" + " ".repeat(drawn.length()) + "\r", text.toString());
    }
}
