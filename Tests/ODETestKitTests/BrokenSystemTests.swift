import ODECore
import ODETestKit
import Testing

/// What can be wrong with a system.
enum SystemFlaw {
  case none, skipsComponent, remembers, random, nonFinite, jacobian, transposed, product, newton, radius,
    throwsError
}

/// `y' = A y + y0^2 e_1` with every capability, and one deliberate flaw.
final class FlawedSystem: DenseJacobianProviding, JacobianVectorProductProviding, NewtonSystemSolving,
  SpectralRadiusEstimating
{
  struct Refusal: Error {}

  let dimension = 2
  private let flaw: SystemFlaw
  private var calls = 0.0
  private var last = 0.0
  private var newton: [Double] = []

  init(_ flaw: SystemFlaw) { self.flaw = flaw }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    calls += 1
    if flaw == .throwsError { throw Refusal() }
    dy[0] = -2 * y[0] + 3 * y[1]
    if flaw != .skipsComponent { dy[1] = y[0] * y[0] - 5 * y[1] }
    if flaw == .random { dy[0] += 1e-13 * calls }
    if flaw == .remembers {
      dy[0] += 1e-9 * (last != 0 && last != y[0] ? 1 : 0)
      last = y[0]
    }
    if flaw == .nonFinite { dy[1] = .infinity }
  }

  private func matrix(_ y: Span<Double>) -> [Double] { [-2, 3, 2 * y[0], -5] }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    let m = matrix(y)
    jacobian[0] = m[0]
    jacobian[1] = flaw == .transposed ? m[1] : m[2]
    jacobian[2] = flaw == .transposed ? m[2] : m[1]
    jacobian[3] = m[3] * (flaw == .jacobian ? 1.001 : 1)
  }

  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    let m = matrix(y)
    jv[0] = m[0] * v[0] + m[1] * v[1]
    jv[1] = m[2] * v[0] + m[3] * v[1] * (flaw == .product ? 1.001 : 1)
  }

  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) {
    newton = zip([1, 0, 0, 1], matrix(y)).map { $0 - gamma * $1 }
  }

  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    let (a, b, c, d) = (newton[0], newton[1], newton[2], newton[3])
    let determinant = (a * d - b * c) * (flaw == .newton ? 1.0001 : 1)
    z[0] = (d * r[0] - b * r[1]) / determinant
    z[1] = (a * r[1] - c * r[0]) / determinant
  }

  // Eigenvalues of [-2 3; 2 y0 -5] at y0 = 1: (-7 +- sqrt(33))/2, the larger modulus 6.37.
  func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { flaw == .radius ? 3 : 7 }
}

@Suite("The system's conformance suite")
struct BrokenSystemTests {
  private func violations(_ flaw: SystemFlaw) -> [String] {
    SystemConformance().violations(of: FlawedSystem(flaw), at: [(t: 0, y: [1, -0.5]), (t: 1, y: [0.7, 2])])
  }

  @Test("has nothing to say against a sound system") func sound() { #expect(violations(.none) == []) }

  @Test(
    "names each flaw of a broken one",
    arguments: [
      (SystemFlaw.skipsComponent, "does not write component 1"), (.random, "for the same arguments"),
      (.remembers, "depends on earlier evaluations"), (.nonFinite, "component 1 of the derivative is inf"),
      (.jacobian, "jacobian (1, 1)"), (.transposed, "jacobian (1, 0)"), (.product, "Jacobian-vector product"),
      (.newton, "Newton solve"), (.radius, "spectral radius"), (.throwsError, "unexpected error"),
    ])
  func flaws(_ flaw: SystemFlaw, _ complaint: String) {
    let found = violations(flaw)
    #expect(found.contains { $0.contains(complaint) }, "\(flaw): \(found)")
  }

  @Test("complains of points that do not fit") func shape() {
    #expect(SystemConformance().violations(of: FlawedSystem(.none), at: [(t: 0, y: [1])]).count == 1)
  }
}
