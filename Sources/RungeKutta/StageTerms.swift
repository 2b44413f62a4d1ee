import ODECore

/// A linear combination of stages without its zero coefficients, at addresses that are freed by ``deallocate()``: what is read at every stage must
/// not count references.
struct StageTerms {
  let count: Int
  let coefficients: UnsafeMutablePointer<Double>
  /// Where the stages are, and where they are with the first and the last one swapped.
  private let plain, swapped: UnsafeMutablePointer<UnsafePointer<Double>?>

  /// - Parameter stages: all of the step's, in order.
  init(_ row: [Double], _ stages: [StateVector]) {
    let used = row.indices.filter { row[$0] != 0 }
    count = used.count
    coefficients = .allocate(capacity: max(count, 1))
    plain = .allocate(capacity: max(count, 1))
    swapped = .allocate(capacity: max(count, 1))
    let last = stages.count - 1
    for (slot, index) in used.enumerated() {
      (coefficients + slot).initialize(to: row[index])
      (plain + slot).initialize(to: UnsafePointer(stages[index].pointer))
      let other = index == 0 ? last : index == last ? 0 : index
      (swapped + slot).initialize(to: UnsafePointer(stages[other].pointer))
    }
  }

  @inline(__always)
  func table(isSwapped: Bool) -> VectorKernels.Table { UnsafePointer(isSwapped ? swapped : plain) }

  func deallocate() {
    coefficients.deallocate()
    plain.deallocate()
    swapped.deallocate()
  }
}
