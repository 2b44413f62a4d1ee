import ExponentialIntegrators
import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("Semilinear parabolic problems")
struct SemilinearTests {
  @Test("2-d heat equation with reaction: the tolerance is kept in steps that stiffness does not shorten")
  func plane() throws {
    let problem = ParabolicProblem.reactionOnSquare(20)
    for rtol in [1e-4, 1e-6] {
      let solution = try integrate(
        ODEProblem(problem, to: 1, initialState: problem.exact(0)),
        with: Exponential(.automatic, StepControl(rtol: rtol, atol: rtol * 1e-3)))
      let error = zip(solution.state, problem.exact(1)).map { abs($0 - $1) / $1 }.max()!
      // Diffusion damps local errors: the global one stays at the tolerance.
      #expect(error < 3 * rtol, "\(error)")
      // rho = 8 * 21^2 = 3528: an explicit method of order 4 would need more than 1000 steps.
      #expect(solution.statistics.accepted < 60, "\(solution.statistics)")
    }
  }

  /// References: SciPy's Radau at 1e-12 (Tests/Oracles/semilinear.py).
  @Test("Allen-Cahn and Burgers against SciPy", arguments: [Field.allenCahn, .burgers])
  func scipy(_ field: Field) throws {
    for products in [true, false] {
      let system: any ODESystem = products ? WithProducts(field: field) : field
      for method in [ExponentialMethod.exprb32, .exprb43, .krogstad] {
        let rtol = 1e-7
        let solution = try integrate(
          ODEProblem(system, to: field.end, initialState: field.start),
          with: Exponential(.rungeKutta(method), StepControl(rtol: rtol, atol: rtol)))
        for (index, value) in field.reference {
          // Tens of steps with local errors of a tolerance each.
          #expect(
            abs(solution.state[index] - value) < 50 * rtol,
            "\(method.name): u[\(index)] = \(solution.state[index])")
        }
      }
    }
  }

  @Test("Robertson's reaction to t = 40 with the dense Jacobian")
  func robertson() throws {
    let problem = try ODEProblem(
      ReferenceProblem.robertson.problem.system, to: 40, initialState: [1, 0, 0])
    let solution = try integrate(
      problem, with: Exponential(.automatic, StepControl(rtol: 1e-7, atol: 1e-12)))
    // SUNDIALS' cvRoberts_dns prints 7.1583e-01, 9.1850e-06, 2.8416e-01 at t = 40 at rtol 1e-4; digits here are SciPy's Radau at 1e-12
    // (Tests/Oracles/semilinear.py).
    for (a, b) in zip(solution.state, Field.robertson) { #expect(abs(a - b) < 1e-6 * b) }
  }
}

/// A semidiscrete field on the unit interval, zero at the boundary.
struct Field: ODESystem, CustomStringConvertible {
  let description: String
  let viscosity: Double
  let isBurgers: Bool
  let end: Double
  let reference: [(Int, Double)]

  /// From Tests/Oracles/semilinear.py.
  static let allenCahn = Field(
    description: "Allen-Cahn", viscosity: 0.01, isBurgers: false, end: 5,
    reference: [
      (0, 0.06736009324026457), (10, 0.4458752501211681), (31, -0.44638263547391904),
      (45, 0.21515030104705632),
      (62, 0.0673600932402645),
    ])
  static let burgers = Field(
    description: "Burgers", viscosity: 0.03, isBurgers: true, end: 1,
    reference: [
      (0, 0.013628869801527355), (10, 0.1497927279750358), (31, 0.4275124908005557), (45, 0.5020164615476276),
      (62, 0.023907073899578597),
    ])
  static let robertson = [0.7158270687194047, 9.18553476455775e-06, 0.2841637457458302]

  let dimension = 63
  private var spacing: Double { 1 / Double(dimension + 1) }

  var start: [Double] {
    (1...dimension).map {
      let x = Double($0) * spacing
      return isBurgers ? sin(2 * .pi * x) + 0.5 * sin(.pi * x) : sin(3 * .pi * x) * 0.8
    }
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    let (h, n) = (spacing, dimension)
    for i in 0..<n {
      let (left, right) = (i > 0 ? y[i - 1] : 0, i + 1 < n ? y[i + 1] : 0)
      let diffusion = viscosity * (left - 2 * y[i] + right) / (h * h)
      dy[i] = diffusion + (isBurgers ? -(right * right - left * left) / (4 * h) : y[i] - y[i] * y[i] * y[i])
    }
  }

  func product(_ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>) {
    let (h, n) = (spacing, dimension)
    for i in 0..<n {
      let (l, r) = (i > 0 ? v[i - 1] : 0, i + 1 < n ? v[i + 1] : 0)
      let (left, right) = (i > 0 ? y[i - 1] * l : 0, i + 1 < n ? y[i + 1] * r : 0)
      jv[i] =
        viscosity * (l - 2 * v[i] + r) / (h * h)
        + (isBurgers ? -(right - left) / (2 * h) : (1 - 3 * y[i] * y[i]) * v[i])
    }
  }
}

struct WithProducts: JacobianVectorProductProviding {
  let field: Field
  var dimension: Int { field.dimension }
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    field.derivative(t, y, into: &dy)
  }
  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) { field.product(y, v, into: &jv) }
}
