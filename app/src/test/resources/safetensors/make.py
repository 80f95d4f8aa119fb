"""Writes the .safetensors file of the tests beside itself, with the format's reference implementation."""
import pathlib
import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

logits = np.array([[0, 0, 0, 0], [1, 2, 3, 4], [-2, 0.5, np.inf * -1, 1], [5, 5, 1, 0]])
labels = np.array([0, 3, 1, -100])
save_file(
    {
        "logits.f16": logits.astype(np.float16),
        "logits.bf16": logits.astype(ml_dtypes.bfloat16),
        "logits.f32": logits.astype(np.float32),
        "logits.f64": logits,
        "labels.i32": labels.astype(np.int32),
        "labels.i64": labels.astype(np.int64),
        "weights": np.array([1, 2, 0.5, 0.25]),
        "mask": labels >= 0,
    },
    pathlib.Path(__file__).parent / "batch.safetensors",
    metadata={"written by": "safetensors"},
)
