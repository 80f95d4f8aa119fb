package org.crossentropy.bench.peers.onnxruntime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A model of one node: the mean of the SoftmaxCrossEntropyLoss of logits and class indices, in any numbers of both.
 * Written as the fields of ONNX's messages (onnx.proto), of which it needs few.
 */
final class LossModel {

    static final String LOGITS = "logits";
    static final String TARGETS = "targets";

    private static final String LOSS = "loss";
    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 13;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private LossModel() {}

    static byte[] bytes() {
        Message node =
                new Message().text(1, LOGITS).text(1, TARGETS).text(2, LOSS).text(4, "SoftmaxCrossEntropyLoss");
        Message graph = new Message()
                .message(1, node)
                .text(2, "cross-entropy")
                .message(11, tensor(LOGITS, FLOAT, List.of("rows", "classes")))
                .message(11, tensor(TARGETS, INT64, List.of("rows")))
                .message(12, tensor(LOSS, FLOAT, List.of()));
        return new Message()
                .number(1, IR_VERSION)
                .message(7, graph)
                .message(8, new Message().text(1, "").number(2, OPERATOR_SET))
                .bytes();
    }

    private static Message tensor(String name, int type, List<String> dimensions) {
        Message shape = new Message();
        for (String dimension : dimensions) {
            shape.message(1, new Message().text(2, dimension));
        }
        Message tensorType = new Message().number(1, type).message(2, shape);
        return new Message().text(1, name).message(2, new Message().message(1, tensorType));
    }

    /** A message of Protocol Buffers, as it is written. */
    private static final class Message {

        private static final int VARINT = 0;
        private static final int LENGTH_DELIMITED = 2;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint(((long) field << 3) | VARINT);
            varint(value);
            return this;
        }

        Message text(int field, String value) {
            return delimited(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return delimited(field, value.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Message delimited(int field, byte[] value) {
            varint(((long) field << 3) | LENGTH_DELIMITED);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        /** Seven bits a byte, least first; the eighth says that more follow. */
        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
