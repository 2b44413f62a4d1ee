/// A linear combination of stages without its zero coefficients, at addresses that are freed by ``deallocate()``: what is read at every stage must
/// not count references.
struct StageTerms {
  let count: Int
  let indices: UnsafeMutablePointer<Int>
  let coefficients: UnsafeMutablePointer<Double>

  init(_ row: [Double]) {
    let used = row.indices.filter { row[$0] != 0 }
    count = used.count
    indices = .allocate(capacity: max(count, 1))
    coefficients = .allocate(capacity: max(count, 1))
    for (slot, index) in used.enumerated() {
      (indices + slot).initialize(to: index)
      (coefficients + slot).initialize(to: row[index])
    }
  }

  func deallocate() {
    indices.deallocate()
    coefficients.deallocate()
  }
}
