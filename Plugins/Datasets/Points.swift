import Foundation
import Networks

/// The paper's 1-d data: four points of `y = x^2` at `x = -1/2, -1/6, 1/6, 1/2`, as in the authors' code, who
/// stop at a mean squared error of 1e-6, that is `R < 5e-7`.
func fourPoints() throws -> Dataset {
  try Dataset(
    name: "four-points", features: [[-1.0 / 2], [-1.0 / 6], [1.0 / 6], [1.0 / 2]],
    targets: [1.0 / 4, 1.0 / 36, 1.0 / 36, 1.0 / 4], customaryStopLoss: 5e-7)
}

/// Sixteen even 1-d points of `y = sin(3x + 1/2)` in [-1, 1]: smooth, without symmetry, with targets of both signs.
func sinePoints() throws -> Dataset {
  let x = (0..<16).map { (Double($0) - 7.5) / 7.5 }
  return try Dataset(name: "sine-points", features: x.map { [$0] }, targets: x.map { sin(3 * $0 + 0.5) })
}

/// Four 1-d points without symmetry, on which this program and others were timed.
func benchPoints() throws -> Dataset {
  try Dataset(
    name: "bench-points", features: [[-1], [-0.33], [0.33], [1]], targets: [0.8, 0.2, 0.6, 0.3])
}
