import ODECore

/// A linear combination of stages without its zero coefficients, at addresses that are freed by ``deallocate()``: what is read at every stage must
/// not count references.
struct StageTerms {
  let count: Int
  let coefficients: UnsafeMutablePointer<Double>
  /// Where the stages are, then where they are when the first and the last have changed places.
  private let addresses: UnsafeMutablePointer<UnsafePointer<Double>?>

  /// - Parameters:
  ///   - row: a coefficient for each stage; those of the last ones may be left out.
  ///   - stages: outlive the combination.
  init(_ row: [Double], of stages: [StateVector]) {
    let used = row.indices.filter { row[$0] != 0 }
    count = used.count
    coefficients = .allocate(capacity: max(count, 1))
    addresses = .allocate(capacity: max(2 * count, 1))
    let swapped = [stages.last!] + stages.dropFirst().dropLast() + [stages[0]]
    for (slot, index) in used.enumerated() {
      (coefficients + slot).initialize(to: row[index])
      (addresses + slot).initialize(to: UnsafePointer(stages[index].pointer))
      (addresses + count + slot).initialize(
        to: UnsafePointer((stages.count > 1 ? swapped : stages)[index].pointer))
    }
  }

  @inline(__always)
  func table(isSwapped: Bool) -> UnsafePointer<UnsafePointer<Double>?> {
    UnsafePointer(isSwapped ? addresses + count : addresses)
  }

  func deallocate() {
    coefficients.deallocate()
    addresses.deallocate()
  }
}
