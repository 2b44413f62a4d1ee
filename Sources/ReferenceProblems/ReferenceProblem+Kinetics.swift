import ODECore

/// A reaction of mass-action kinetics: its rate is `k` times the product of its reactants' concentrations.
struct Reaction {
  let k: Double
  let reactants: [Int]
  /// What it changes each species by.
  let changes: [(species: Int, by: Double)]

  init(_ k: Double, _ reactants: [Int], _ changes: [(species: Int, by: Double)]) {
    (self.k, self.reactants, self.changes) = (k, reactants, changes)
  }
}

/// `y' = sum_r v_r(y) changes_r`.
struct KineticSystem: DenseJacobianProviding {
  let dimension: Int
  let reactions: [Reaction]

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    for i in 0..<dimension { dy[i] = 0 }
    for reaction in reactions {
      var rate = reaction.k
      for i in reaction.reactants { rate *= y[i] }
      for change in reaction.changes { dy[change.species] += change.by * rate }
    }
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) {
    for reaction in reactions {
      for (place, j) in reaction.reactants.enumerated() {
        var slope = reaction.k
        for (other, i) in reaction.reactants.enumerated() where other != place { slope *= y[i] }
        for change in reaction.changes { jacobian[change.species + j * dimension] += change.by * slope }
      }
    }
  }
}

extension ReferenceProblem {
  /// POLLU: the chemistry of air pollution, 25 reactions of 20 species with rates from 1e-3 to 4e11, to `t = 60`.
  public static var pollution: ReferenceProblem {
    var start = [Double](repeating: 0, count: 20)
    for (i, value) in [(1, 0.2), (3, 0.04), (6, 0.1), (7, 0.3), (8, 0.01), (16, 0.007)] { start[i] = value }
    return ReferenceProblem(
      "pollution", "chemistry of air pollution, 25 reactions of 20 species",
      source: ivpTestSet + ", problem POLLU",
      KineticSystem(dimension: 20, reactions: pollutionReactions), to: 60, initialState: start,
      solution: [
        0.5646255480022769e-1, 0.1342484130422339, 0.4139734331099427e-8, 0.5523140207484359e-2,
        0.2018977262302196e-6, 0.1464541863493966e-6, 0.7784249118997964e-1, 0.3245075353396018,
        0.7494013383880406e-2, 0.1622293157301561e-7, 0.1135863833257075e-7, 0.2230505975721359e-2,
        0.2087162882798630e-3, 0.1396921016840158e-4, 0.8964884856898295e-2, 0.4352846369330103e-17,
        0.6899219696263405e-2, 0.1007803037365946e-3, 0.1772146513969984e-5, 0.5682943292316392e-4,
      ], accuracy: 1e-11, isStiff: true)
  }

  /// E5: two reactants and two intermediate products, rates from 1e-9 to 1e9, concentrations down to 1e-23, to `t = 1e13`. The end rests on
  /// the difference of the second and the third, which begin 1e12 times larger: programs in double precision come to about 2e-4 of it.
  ///
  ///     y1' = -A y1 - B y1 y3,   y2' = A y1 - M C y2 y3,   y4' = B y1 y3 - C y4,   y3' = y2' - y4'
  ///
  /// In double precision no more than about three digits of the end can be had: `y2 - y3 - y4`, which is zero, is kept to rounding
  /// where these are as large as 1e-10 only.
  public static var e5: ReferenceProblem {
    let (a, b, c, mc) = (7.89e-10, 1.1e7, 1.13e3, 1.13e9)
    return ReferenceProblem(
      "e5", "a reaction with rates from 1e-9 to 1e9, concentrations down to 1e-23",
      source: "Enright, Hull, Lindberg, BIT 15 (1975) 10-48, doi:10.1007/BF01932994, problem E5",
      knownFrom: "Radau IIA of order 9 with 45 digits, Tests/Oracles/e5_solution.py",
      AnalyticSystem(
        4,
        { _, y, dy in
          let (p, q, r, s) = (a * y[0], b * y[0] * y[2], mc * y[1] * y[2], c * y[3])
          dy[0] = -p - q
          dy[1] = p - r
          dy[3] = q - s
          dy[2] = dy[1] - dy[3]
        },
        jacobian: { _, y, set in
          set(0, 0, -a - b * y[2])
          set(0, 2, -b * y[0])
          set(1, 0, a)
          set(1, 1, -mc * y[2])
          set(1, 2, -mc * y[1])
          set(2, 0, a - b * y[2])
          set(2, 1, -mc * y[2])
          set(2, 2, -mc * y[1] - b * y[0])
          set(2, 3, c)
          set(3, 0, b * y[2])
          set(3, 2, b * y[0])
          set(3, 3, -c)
        }),
      to: 1e13, initialState: [1.76e-3, 0, 0, 0],
      solution: [0, 8.86123352129100e-23, 8.86123352129100e-23, 0],
      accuracy: 1e-11, floor: 1e-24, isStiff: true, atolRatio: 1e-23)
  }

  /// Species count from 0.
  private static let pollutionReactions: [Reaction] = [
    Reaction(0.35, [0], [(0, -1), (1, 1), (2, 1)]),
    Reaction(0.266e2, [1, 3], [(0, 1), (1, -1), (3, -1)]),
    Reaction(0.123e5, [4, 1], [(0, 1), (1, -1), (4, -1), (5, 1)]),
    Reaction(0.86e-3, [6], [(4, 2), (6, -1), (7, 1)]),
    Reaction(0.82e-3, [6], [(6, -1), (7, 1)]),
    Reaction(0.15e5, [6, 5], [(4, 1), (5, -1), (6, -1), (7, 1)]),
    Reaction(0.13e-3, [8], [(4, 1), (7, 1), (8, -1), (9, 1)]),
    Reaction(0.24e5, [8, 5], [(5, -1), (8, -1), (10, 1)]),
    Reaction(0.165e5, [10, 1], [(0, 1), (1, -1), (9, 1), (10, -1), (11, 1)]),
    Reaction(0.9e4, [10, 0], [(0, -1), (10, -1), (12, 1)]),
    Reaction(0.22e-1, [12], [(0, 1), (10, 1), (12, -1)]),
    Reaction(0.12e5, [9, 1], [(0, 1), (1, -1), (9, -1), (13, 1)]),
    Reaction(0.188e1, [13], [(4, 1), (6, 1), (13, -1)]),
    Reaction(0.163e5, [0, 5], [(0, -1), (5, -1), (14, 1)]),
    Reaction(0.48e7, [2], [(2, -1), (3, 1)]),
    Reaction(0.35e-3, [3], [(3, -1), (15, 1)]),
    Reaction(0.175e-1, [3], [(2, 1), (3, -1)]),
    Reaction(0.1e9, [15], [(5, 2), (15, -1)]),
    Reaction(0.444e12, [15], [(2, 1), (15, -1)]),
    Reaction(0.124e4, [16, 5], [(4, 1), (5, -1), (16, -1), (17, 1)]),
    Reaction(0.21e1, [18], [(1, 1), (18, -1)]),
    Reaction(0.578e1, [18], [(0, 1), (2, 1), (18, -1)]),
    Reaction(0.474e-1, [0, 3], [(0, -1), (3, -1), (18, 1)]),
    Reaction(0.178e4, [18, 0], [(0, -1), (18, -1), (19, 1)]),
    Reaction(0.312e1, [19], [(0, 1), (18, 1), (19, -1)]),
  ]
}
