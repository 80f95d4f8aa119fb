package org.crossentropy.bench.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.crossentropy.api.ElementType;
import org.junit.jupiter.api.Test;

class TaskTest {

    @Test
    void readsWhatItWrites() {
        Task task = new Task(Form.ROW_MASK, new Shape(3, 20), ElementType.BFLOAT16, Memory.HEAP, Pass.IN_PLACE);
        assertEquals("row-mask/3x20/bfloat16/heap/in-place", task.toString());
        assertEquals(task, Task.parse(task.toString()));
    }

    @Test
    void saysWhatATaskLooksLike() {
        var wrong = assertThrows(IllegalArgumentException.class, () -> Task.parse("softmax/3x20"));
        assertTrue(String.valueOf(wrong.getMessage()).contains("softmax/1024x32000/float32/offheap/forward"));
        assertThrows(IllegalArgumentException.class, () -> Task.parse("softmax/3/float32/offheap/forward"));
        assertThrows(IllegalArgumentException.class, () -> Task.parse("softmax/3x2/float32/offheap/backward"));
    }

    @Test
    void countsWhatMustMove() {
        Task plain = Task.plain(new Shape(10, 100), Pass.FORWARD);
        assertEquals(4000, plain.traffic());
        assertEquals(8000, plain.with(Pass.GRADIENT).traffic());
        Task soft = new Task(Form.SOFT_TARGETS, plain.shape(), plain.type(), plain.memory(), Pass.GRADIENT);
        assertEquals(12000, soft.traffic());
        Task mask = new Task(Form.ROW_MASK, plain.shape(), ElementType.BFLOAT16, plain.memory(), Pass.FORWARD);
        assertEquals(3000, mask.traffic());
    }
}
