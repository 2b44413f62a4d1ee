import Foundation

/// The coefficients of Radau IIA of order 5. Source: Hairer, Wanner, *Solving ODEs II*, IV.5 table 5.6 and IV.8 (8.5); the transformation
/// is that of their code RADAU5.
enum RadauCoefficients {
  private static let s6 = 6.0.squareRoot()
  static let c = [(4 - s6) / 10, (4 + s6) / 10, 1]

  /// The real eigenvalue of `A^-1`, and the complex one with negative imaginary part.
  static let real = 3 + pow(3, 2.0 / 3) - pow(3, 1.0 / 3)
  static let complex = (
    re: 3 + 0.5 * (pow(3, 1.0 / 3) - pow(3, 2.0 / 3)), im: -0.5 * (pow(3, 5.0 / 6) + pow(3, 7.0 / 6))
  )

  /// `T^-1 A^-1 T` is block-diagonal: the real eigenvalue, then `[[re, -im], [im, re]]`.
  static let t = [
    [0.09443876248897524, -0.14125529502095421, 0.03002919410514742],
    [0.25021312296533332, 0.20412935229379994, -0.38294211275726192],
    [1, 1, 0],
  ]
  static let tInverse = [
    [4.17871859155190428, 0.32768282076106237, 0.52337644549944951],
    [-4.17871859155190428, -0.32768282076106237, 0.47662355450055044],
    [0.50287263494578682, -2.57192694985560522, 0.59603920482822492],
  ]

  /// The error estimate's weights of `Z/h`.
  static let e = [(-13 - 7 * s6) / 3, (-13 + 7 * s6) / 3, -1.0 / 3]

  /// `y(t + theta h) = y + sum_i Z_i (p_i1 theta + p_i2 theta^2 + p_i3 theta^3)`: the collocation polynomial.
  static let p = [
    [13.0 / 3 + 7 * s6 / 3, -23.0 / 3 - 22 * s6 / 3, 10.0 / 3 + 5 * s6],
    [13.0 / 3 - 7 * s6 / 3, -23.0 / 3 + 22 * s6 / 3, 10.0 / 3 - 5 * s6],
    [1.0 / 3, -8.0 / 3, 10.0 / 3],
  ]
}
