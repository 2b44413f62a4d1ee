import ODECore

/// A network's neurons in runs of fixed length.
typealias NeuronChunks = FixedChunks

extension FixedChunks {
  init(width: Int, size: Int, threads: Int) { self.init(total: width, size: size, threads: threads) }

  var width: Int { total }
}
