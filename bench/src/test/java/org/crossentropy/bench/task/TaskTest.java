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
        Task head = new Task(Form.LINEAR, new Shape(3, 5, 20), ElementType.FLOAT32, Memory.OFFHEAP, Pass.GRADIENT);
        assertEquals("linear/3x5x20/float32/offheap/gradient", head.toString());
        assertEquals(head, Task.parse(head.toString()));
    }

    @Test
    void saysWhatATaskLooksLike() {
        var wrong = assertThrows(IllegalArgumentException.class, () -> Task.parse("softmax/3x20"));
        assertTrue(String.valueOf(wrong.getMessage()).contains("softmax/1024x32000/float32/offheap/forward"));
        assertThrows(IllegalArgumentException.class, () -> Task.parse("softmax/3/float32/offheap/forward"));
        assertThrows(IllegalArgumentException.class, () -> Task.parse("linear/3x5x7x9/float32/offheap/forward"));
        assertThrows(IllegalArgumentException.class, () -> Task.parse("linear/3xx9/float32/offheap/forward"));
        assertThrows(IllegalArgumentException.class, () -> Task.parse("softmax/3x2/float32/offheap/backward"));
    }

    @Test
    void countsTheOperationsOfProducts() {
        Task head = Task.parse("linear/3x5x20/float32/offheap/forward");
        assertEquals(600, head.productOperations());
        assertEquals(1800, head.with(Pass.GRADIENT).productOperations());
        assertEquals(0, Task.parse("softmax/3x20/float32/offheap/forward").productOperations());
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
