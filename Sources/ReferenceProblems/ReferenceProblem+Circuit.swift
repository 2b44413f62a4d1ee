import Foundation
import ODECore

extension ReferenceProblem {
  /// The ring modulator: a circuit that mixes a low and a high frequency, 15 voltages and currents, `C_s = 2e-12`, to `t = 1e-3`. Stiff,
  /// and it oscillates with high frequencies.
  public static var ringModulator: ReferenceProblem {
    let (c, cs, cp, lh, ls1, ls2, ls3) = (1.6e-8, 2e-12, 1e-8, 4.45, 2e-3, 5e-4, 5e-4)
    let (r, rp, rg1, rg2, rg3, ri, rc) = (25e3, 50.0, 36.3, 17.3, 17.3, 50.0, 600.0)
    func diode(_ u: Double) -> Double { 40.67286402e-9 * (exp(17.7493332 * u) - 1) }
    let system = ClosureSystem(dimension: 15) { t, y, dy in
      let (low, high) = (0.5 * sin(2000 * Double.pi * t), 2 * sin(20000 * Double.pi * t))
      let q1 = diode(y[2] - y[4] - y[6] - high)
      let q2 = diode(-y[3] + y[5] - y[6] - high)
      let q3 = diode(y[3] + y[4] + y[6] + high)
      let q4 = diode(-y[2] - y[5] + y[6] + high)
      dy[0] = (y[7] - 0.5 * y[9] + 0.5 * y[10] + y[13] - y[0] / r) / c
      dy[1] = (y[8] - 0.5 * y[11] + 0.5 * y[12] + y[14] - y[1] / r) / c
      dy[2] = (y[9] - q1 + q4) / cs
      dy[3] = (-y[10] + q2 - q3) / cs
      dy[4] = (y[11] + q1 - q3) / cs
      dy[5] = (-y[12] - q2 + q4) / cs
      dy[6] = (-y[6] / rp + q1 + q2 - q3 - q4) / cp
      dy[7] = -y[0] / lh
      dy[8] = -y[1] / lh
      dy[9] = (0.5 * y[0] - y[2] - rg2 * y[9]) / ls2
      dy[10] = (-0.5 * y[0] + y[3] - rg3 * y[10]) / ls3
      dy[11] = (0.5 * y[1] - y[4] - rg2 * y[11]) / ls2
      dy[12] = (-0.5 * y[1] + y[5] - rg3 * y[12]) / ls3
      dy[13] = (-y[0] + low - (ri + rg1) * y[13]) / ls1
      dy[14] = (-y[1] - (rc + rg1) * y[14]) / ls1
    }
    return ReferenceProblem(
      "ring-modulator", "a circuit that mixes two frequencies, 15 voltages and currents",
      source: ivpTestSet + ", problem RING MODULATOR with C_s = 2e-12", system, to: 1e-3,
      initialState: [Double](repeating: 0, count: 15),
      solution: [
        -0.2339057358486745e-1, -0.7367485485540825e-2, 0.2582956709291169, -0.4064465721283450,
        -0.4039455665149794, 0.2607966765422943, 0.1106761861269975, 0.2939904342435596e-6,
        -0.2840029933642329e-7, 0.7267198267264553e-3, 0.7929487196960840e-3, -0.7255283495698965e-3,
        -0.7941401968526521e-3, 0.7088495416976114e-4, 0.2390059075236570e-4,
      ], accuracy: 1e-7, isStiff: true, atolRatio: 1e-4)
  }
}
