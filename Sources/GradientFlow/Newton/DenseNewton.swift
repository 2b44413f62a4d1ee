import CFlowKernels
import ODECore

/// `(I - gamma J)^-1` for more samples than unknowns: the `N x N` matrix itself.
///
/// In the coordinates of `S = M^(1/2)` it is symmetric,
///
///     S^-1 (I - gamma J) S = I + (gamma/n) (V S)^T L (V S) + gamma S diag_k(B_k) S,
///
/// in general indefinite: Bunch and Kaufman's factorisation, LAPACK's dsytrf. Samples go in blocks.
final class DenseNewton: NewtonFactors {
  private static let samplesPerBlock = 512

  private let features: NeuronFeatures
  private let scaling: Scaling
  private let unknowns: Int
  private let matrix: LAPACKMatrix
  /// Of one block of samples, `samples x m`.
  private let z, value, slope, curvature: StateVector
  /// `(V S)^T` and the same times `(gamma/n) l''_i`: `N x samples`.
  private let gradients, weighted: StateVector
  private let solution: StateVector

  /// - Throws: ``BLASError``.
  init(_ features: NeuronFeatures, _ scaling: Scaling) throws {
    try BLAS.check()
    self.features = features
    self.scaling = scaling
    unknowns = features.width * (features.d + 1)
    let samples = min(features.n, Self.samplesPerBlock)
    matrix = LAPACKMatrix(order: unknowns)
    z = StateVector(count: samples * features.width)
    value = StateVector(count: samples * features.width)
    slope = StateVector(count: samples * features.width)
    curvature = StateVector(count: samples * features.width)
    gradients = StateVector(count: unknowns * samples)
    weighted = StateVector(count: unknowns * samples)
    solution = StateVector(count: unknowns)
  }

  func prepare(_ theta: UnsafePointer<Double>, _ losses: SampleValues, gamma: Double) throws {
    matrix.elements.pointer.update(repeating: 0, count: matrix.elements.count)
    for first in stride(from: 0, to: features.n, by: Self.samplesPerBlock) {
      add(
        theta, samples: first, min(Self.samplesPerBlock, features.n - first), losses, gamma: gamma)
    }
    for i in 0..<unknowns { matrix.elements.pointer[i + i * unknowns] += 1 }
    try matrix.factoriseSymmetric()
  }

  private func add(
    _ theta: UnsafePointer<Double>, samples first: Int, _ count: Int, _ losses: SampleValues,
    gamma: Double
  ) {
    let (m, d, size) = (features.width, features.d, unknowns)
    let x = features.x.pointer + first * d
    let root = scaling.kappaPrime.squareRoot()
    let (v, scaled, elements) = (gradients.pointer, weighted.pointer, matrix.elements.pointer)
    cflow_preactivations(m, m, d, count, theta + m, x, z.pointer)
    features.evaluate(z.pointer, count * m, value: value.pointer, derivative: slope.pointer)
    if features.slopes == nil {
      features.secondDerivative(z.pointer, count * m, into: curvature.pointer)
    }
    let factor = gamma / Double(features.n)
    for i in 0..<count {
      let weight = factor * losses.curvatures.pointer[first + i]
      for k in 0..<m {
        v[k * count + i] = scaling.kappa / root * value.pointer[i * m + k]
        let slope = scaling.kappa * root * theta[k] * slope.pointer[i * m + k]
        for j in 0..<d { v[((j + 1) * m + k) * count + i] = slope * x[i * d + j] }
      }
      for row in 0..<size { scaled[row * count + i] = weight * v[row * count + i] }
    }
    cflow_multiply_transposed(size, count, v, scaled, elements)

    for i in 0..<count {
      let l = factor * scaling.kappa * losses.residuals.pointer[first + i]
      for k in 0..<m {
        for j in 0..<d {
          let row = (j + 1) * m + k
          // Lower triangle, column-major: element (row, column) at row + column N.
          elements[row + k * size] += l * slope.pointer[i * m + k] * x[i * d + j]
          guard features.slopes == nil else { continue }
          let c = l * scaling.kappaPrime * theta[k] * curvature.pointer[i * m + k] * x[i * d + j]
          for other in 0...j {
            elements[row + ((other + 1) * m + k) * size] += c * x[i * d + other]
          }
        }
      }
    }
  }

  func solve(_ r: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) {
    let (m, b) = (features.width, solution.pointer)
    let root = scaling.kappaPrime.squareRoot()
    for i in 0..<unknowns { b[i] = i < m ? root * r[i] : r[i] / root }
    matrix.solveSymmetric(b)
    for i in 0..<unknowns { result[i] = i < m ? b[i] / root : root * b[i] }
  }
}
