import ODECore

/// `x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z` (Lorenz 1963).
struct Lorenz: DenseJacobianProviding {
  let sigma: Double
  let rho: Double
  let beta: Double
  let dimension = 3

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    dy[0] = sigma * (y[1] - y[0])
    dy[1] = y[0] * (rho - y[2]) - y[1]
    dy[2] = y[0] * y[1] - beta * y[2]
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    let rows = [[-sigma, sigma, 0], [rho - y[2], -1, -y[0]], [y[1], y[0], -beta]]
    for i in 0..<3 { for j in 0..<3 { jacobian[i + 3 * j] = rows[i][j] } }
  }
}

/// `y1' = -0.04 y1 + 1e4 y2 y3, y2' = 0.04 y1 - 1e4 y2 y3 - 3e7 y2^2, y3' = 3e7 y2^2` (Robertson 1966).
struct Robertson: DenseJacobianProviding {
  let dimension = 3

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    let (r1, r2, r3) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1])
    dy[0] = -r1 + r2
    dy[1] = r1 - r2 - r3
    dy[2] = r3
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    let (a, b, c) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1])
    let rows = [[-0.04, a, b], [0.04, -a - c, -b], [0, c, 0]]
    for i in 0..<3 { for j in 0..<3 { jacobian[i + 3 * j] = rows[i][j] } }
  }
}

/// `u' = v, v' = mu (1 - u^2) v - u` (van der Pol 1926).
struct VanDerPol: DenseJacobianProviding {
  let mu: Double
  let dimension = 2

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    dy[0] = y[1]
    dy[1] = mu * (1 - y[0] * y[0]) * y[1] - y[0]
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    jacobian[1] = -2 * mu * y[0] * y[1] - 1
    jacobian[2] = 1
    jacobian[3] = mu * (1 - y[0] * y[0])
  }
}
