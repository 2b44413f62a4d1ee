import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("Reference problems")
struct ReferenceProblemTests {
  private struct Oracle: Decodable {
    let computed: [Double]
    let published: [Double]?
    let places: [Int]?
  }

  /// Tests/Oracles/ivp_testset.py and reference_solutions.py integrated them: SciPy at rtol 1e-8 to 1e-13, extrapolation with 40 digits,
  /// closed forms; e5_solution.py Radau IIA with 45 digits.
  @Test("carry solutions that another program finds too")
  func agreeWithOracle() throws {
    var json: [String: Any] = [:]
    for name in ["ivp_testset", "reference_solutions", "e5_solution"] {
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/\(name).json")
      let part = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      json.merge(part) { $1 }
    }
    // Kepler's ellipse closes.
    let given = ReferenceProblem.all.filter { $0.exact == nil && $0.name != "kepler" }
    #expect(given.count == 17)
    for problem in given {
      let entry = try JSONDecoder().decode(
        Oracle.self, from: JSONSerialization.data(withJSONObject: try #require(json[problem.name])))
      // Two readers of decimals, and two runs of one script, may differ by a unit in the last place.
      for (mine, theirs) in zip(problem.solution, entry.published ?? entry.computed) {
        #expect(abs(mine - theirs) <= 4 * theirs.magnitude.ulp, "\(problem.name)")
      }
      if let places = entry.places { #expect(problem.known.components == places) }
      let known = problem.known
      let alone = KnownSolution(
        time: known.time, values: known.values, accuracy: known.accuracy, floor: known.floor, source: "")
      #expect(alone.error(of: entry.computed) <= problem.solutionAccuracy, "\(problem.name)")
    }
  }

  @Test("with a closed form start and end on it, and have its derivative")
  func closedForms() throws {
    for reference in ReferenceProblem.all {
      guard let exact = reference.exact else { continue }
      let problem = reference.problem
      #expect(problem.initialState == exact(problem.initialTime))
      #expect(reference.solution == exact(problem.finalTime))
      for t in [0.3, 1.1, 1.9] {
        let y = StateVector(exact(t))
        let dy = StateVector(count: y.count)
        try y.withSpan { y in try dy.withMutableSpan { try problem.system.derivative(t, y, into: &$0) } }
        // Central differences with this step are good to 1e-10.
        let step = 1e-5
        for i in 0..<y.count {
          let slope = (exact(t + step)[i] - exact(t - step)[i]) / (2 * step)
          #expect(abs(slope - dy.array[i]) < 1e-9, "\(reference.name)")
        }
      }
    }
  }

  @Test("have right-hand sides and Jacobians that agree")
  func systems() {
    for reference in ReferenceProblem.all {
      let problem = reference.problem
      var points = [(t: problem.initialTime, y: problem.initialState)]
      // Robertson's and the other stiff ends are badly scaled for differences of the whole state.
      if !reference.isStiff, reference.known.components == nil, reference.name != "stick-slip" {
        points.append((t: problem.finalTime, y: reference.solution))
      }
      #expect(SystemConformance().violations(of: problem.system, at: points) == [], "\(reference.name)")
    }
  }

  // The published digits again, now by our own method; van der Pol and HIRES are stiff, which costs an
  // explicit method steps (2 million for the former) but no accuracy. rtol 1e-10 over thousands of
  // steps, and Arenstorf's and Pleiades' close encounters amplify errors by about 1e4.
  @Test(
    "are solved by dormand-prince",
    arguments: [
      ("arenstorf", 1e-12, 2e-6), ("pleiades", 1e-12, 1e-6), ("hires", 1e-9, 1e-6),
      ("vdpol", 1e-8, 1e-5), ("decay", 1e-10, 1e-9), ("oscillator", 1e-10, 1e-8),
      ("rational", 1e-10, 1e-8), ("logistic", 1e-10, 1e-9),
    ])
  func solved(_ name: String, _ rtol: Double, _ tolerance: Double) throws {
    let reference = try #require(ReferenceProblem.all.first { $0.name == name })
    let solution = try integrate(reference.problem, with: DormandPrince(rtol: rtol, atol: rtol * 1e-2))
    #expect(solution.returnCode == .success)
    #expect(reference.error(of: solution.state) < tolerance)
  }
}
