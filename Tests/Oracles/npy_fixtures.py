"""Writes the .npy files of the tests with NumPy itself. Run from the package's root."""

import numpy as np

folder = "Tests/FilesTests/Fixtures/"
values = np.array([[0.1, -2.5, 3e300], [1 / 3, 5e-324, -0.0]])
cube = np.arange(24, dtype=np.float64).reshape(2, 3, 4) / 8


def save(name, array, version=None):
    with open(folder + name, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


save("c-order.npy", values)
save("fortran-order.npy", np.asfortranarray(values))
save("fortran-cube.npy", np.asfortranarray(cube))
save("float32.npy", values[:, :2].astype(np.float32))
save("version2.npy", values, (2, 0))
save("version3.npy", values, (3, 0))
save("scalar.npy", np.array(2.5))
save("vector.npy", np.array([1.0, 2.0, 3.0]))
save("big-endian.npy", values.astype(">f8"))
save("int64.npy", np.arange(6).reshape(2, 3))
save("record.npy", np.zeros(2, dtype=[("a", "<f8"), ("b", "<i4")]))
# A start as a user would make it: six neurons, three inputs with the bias.
folder = "Tests/GradientFlowTests/Fixtures/"
save("start-seed7.npy", np.random.default_rng(7).standard_normal((6, 4)))
