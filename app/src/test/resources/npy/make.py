"""Writes the .npy files of the tests beside itself, with NumPy itself."""
import pathlib
import numpy as np
from numpy.lib import format as npy

here = pathlib.Path(__file__).parent
logits = np.array([[0, 0, 0, 0], [1, 2, 3, 4], [-2, 0.5, np.inf * -1, 1], [5, 5, 1, 0]])


def save(name, array, version=(1, 0)):
    with open(here / (name + ".npy"), "wb") as file:
        npy.write_array(file, array, version=version)


save("logits-f4", logits.astype("<f4"))
save("logits-f8-v2", logits.astype("<f8"), (2, 0))
save("logits-f8-v3", logits.astype("<f8"), (3, 0))
save("logits-big-endian", logits.astype(">f4"))
save("logits-f2", logits.astype("<f2"))
save("logits-object", np.array([[None, "a"], [1, 2]], dtype=object))
save("logits-structured", np.zeros((2, 2), dtype=[("a", "<f4"), ("b", "<i4")]))
save("logits-fortran", np.asfortranarray(logits.astype("<f4")))
save("logits-1d", logits[0].astype("<f4"))
save("logits-3d", logits.astype("<f4").reshape(2, 2, 4))
save("logits-no-classes", logits.astype("<f4")[:, :0])
save("logits-no-rows", logits.astype("<f4")[:0])
save("labels-i4", np.array([0, 3, 1, -100], dtype="<i4"))
save("labels-i8", np.array([0, 3, 1, -100], dtype="<i8"))
save("labels-none", np.array([], dtype="<i8"))
save("labels-short", np.array([0, 3, 1], dtype="<i8"))
save("labels-out-of-range", np.array([0, 3, 4, 1], dtype="<i8"))
save("labels-minus-inf", np.array([0, 3, 2, 1], dtype="<i8"))
save("weights", np.array([1, 2, 0.5, 0.25]))
save("weights-negative", np.array([1, 2, -0.5, 0.25]))
save("weights-short", np.array([1, 2, 0.5]))
save("logits-no-inf-f8", np.where(np.isinf(logits), -3, logits))
save("logits-one-row-f8", logits[1:2])
save("labels-one-row", np.array([3], dtype="<i8"))
