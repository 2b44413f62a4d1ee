import Networks

/// A residual network of `D` equal blocks with one output,
///
///     h_0 = W x,   h_t = h_(t-1) + (1/D) V_t tanh(h_(t-1)),   f(x) = kappa a . h_D.
///
/// Its parameters are `W` (m x d), `V_1`, ..., `V_D` (m x m) and `a` (1 x m); each is a layer with a mobility of its own.
struct ResidualNetwork: Architecture {
  let inputDimension: Int
  let width: Int
  let depth: Int
  let kappa: Double
  let blocks: [ParameterBlock]
  let outputCount = 1
  let hasKinks = false

  init(inputDimension d: Int, width m: Int, depth: Int, kappa: Double) {
    (inputDimension, width, self.depth, self.kappa) = (d, m, depth, kappa)
    let shapes = [[m, d]] + [[Int]](repeating: [m, m], count: depth) + [[1, m]]
    let names = ["W"] + (1...depth).map { "V\($0)" } + ["a"]
    var start = 0
    blocks = zip(names, shapes).enumerated().map { layer, part in
      defer { start += part.1.reduce(1, *) }
      return ParameterBlock(part.0, layer: layer + 1, start: start, shape: part.1)
    }
  }

  var name: String { "residual-\(depth)x\(width)" }

  func makeEvaluation(at inputs: Inputs, threads: Int) -> any ArchitectureEvaluation {
    ResidualEvaluation(self, inputs)
  }
}
