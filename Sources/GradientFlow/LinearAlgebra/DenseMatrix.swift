/// How large a matrix may be that the package makes of its own accord.
package enum DenseMatrix {
  /// The largest order: 512 MiB.
  package static let largestOrder = 8192
}
