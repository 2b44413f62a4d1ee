/// A rooted tree, which stands for one elementary differential and so for one order condition
///
///     sum_i b_i Phi_i(tau) = 1 / gamma(tau)
///
/// with `Phi_i([tau_1 ... tau_k]) = prod_l sum_j a_ij Phi_j(tau_l)` and
/// `gamma(tau) = |tau| prod_l gamma(tau_l)`. Source: Hairer, Norsett, Wanner, *Solving ODEs I*, II.2,
/// Theorem 2.13.
struct RootedTree: CustomStringConvertible {
  let children: [RootedTree]
  /// `|tau|`, the number of vertices.
  let order: Int
  /// `gamma(tau)`.
  let density: Double

  init(_ children: [RootedTree] = []) {
    self.children = children
    order = 1 + children.reduce(0) { $0 + $1.order }
    density = children.reduce(Double(order)) { $0 * $1.density }
  }

  /// `[]` for the single vertex; children inside the brackets.
  var description: String { "[" + children.map(\.description).joined() + "]" }

  /// `Phi_i(tau)` for every stage.
  func weights(_ a: [[Double]]) -> [Double] {
    var product = [Double](repeating: 1, count: a.count)
    for child in children {
      let phi = child.weights(a)
      for i in a.indices {
        var sum = 0.0
        for (j, aij) in a[i].enumerated() { sum += aij * phi[j] }
        product[i] *= sum
      }
    }
    return product
  }

  /// All trees with up to `order` vertices, by order: 1, 1, 2, 4, 9, 20, ... of them.
  static func all(upTo order: Int) -> [RootedTree] {
    var known: [RootedTree] = []
    for n in stride(from: 1, through: order, by: 1) {
      // Children are taken in the order of `known`, each index no smaller than the last: multisets.
      func forests(_ vertices: Int, from first: Int) -> [[RootedTree]] {
        if vertices == 0 { return [[]] }
        var found: [[RootedTree]] = []
        for i in known.indices.dropFirst(first) where known[i].order <= vertices {
          for rest in forests(vertices - known[i].order, from: i) { found.append([known[i]] + rest) }
        }
        return found
      }
      known += forests(n - 1, from: 0).map(RootedTree.init)
    }
    return known
  }
}
