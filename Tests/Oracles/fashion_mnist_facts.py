"""Prints facts about Debian's dataset-fashion-mnist, read with Python's gzip and NumPy only, for
Tests/DatasetsPluginsTests/FashionMNISTTests.swift."""

import gzip

import numpy as np

folder = "/usr/share/datasets/fashion-mnist/"
for split, n in [("train", 45), ("train", 60000), ("t10k", 10000)]:
    images = np.frombuffer(gzip.open(f"{folder}{split}-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
    labels = np.frombuffer(gzip.open(f"{folder}{split}-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
    images, labels = images.reshape(-1, 784)[:n], labels[:n]
    weights = np.arange(1, 785)
    print(split, n, "labels", labels[:8], "sum", labels.sum(), "pixels", images.sum(dtype=np.int64),
          "weighted", (images.astype(np.int64) @ weights).sum(), "first row's 100...104 and 400...404",
          images[0, 400:405], images[n - 1, 400:405])
