import ODECore

/// Where the solution followed was one of several, earlier parts of a resumed run included.
struct Ambiguities {
  /// Neurons that have been at `w = 0`.
  var neuronsAtOrigin: Set<Int32> = []
  /// Changes of the sign of a sliding neuron's output weight, after which its kinks repel.
  var signChanges = 0

  /// Two counts and the numbers of the neurons, for ``KinkFlow/memory``.
  var memory: [Double] {
    [Double(signChanges), Double(neuronsAtOrigin.count)] + neuronsAtOrigin.sorted().map(Double.init)
  }

  /// One for each kind that has occurred.
  var remarks: [SolutionRemark] {
    var remarks: [SolutionRemark] = []
    let met = neuronsAtOrigin.count
    if met > 0 {
      remarks.append(
        SolutionRemark(
          name: "neuronsAtOrigin", count: met,
          text:
            "\(met) \(met == 1 ? "neuron" : "neurons") met w = 0, where the flow can have several solutions: "
            + "the one followed leaves along the steepest descent"))
    }
    if signChanges > 0 {
      remarks.append(
        SolutionRemark(
          name: "repellingKinks", count: signChanges,
          text:
            "\(signChanges) \(signChanges == 1 ? "time" : "times") a kink began to repel a neuron that slid on it, "
            + "where the flow has several solutions: the one followed leaves to the steeper side"))
    }
    return remarks
  }
}
