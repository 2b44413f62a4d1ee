import COpenSSL
import Files
import Foundation
import GradientFlow
import PluginKit

/// SHA-256 (FIPS 180-4), in hexadecimal digits.
package enum Digest {
  package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let isDone = EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
    precondition(isDone == 1)
    return digest.prefix(Int(length)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  package static func sha256(_ numbers: [Double]) -> String { numbers.withUnsafeBytes(sha256) }

  /// Of `n`, `d`, all inputs and targets, however they were stored.
  package static func sha256(_ data: Dataset) -> String { sha256(numbers(data.samples)) }

  /// Of a plug-in library's file; `reference` as in `--plugin`.
  ///
  /// - Throws: `AtomicFileError`.
  package static func sha256(library reference: String) throws -> String {
    try AtomicFile.read(URL(filePath: PluginLibrary.parts(of: reference).path)).withUnsafeBytes(sha256)
  }

  static func numbers(_ data: Samples) -> [Double] {
    [Double(data.sampleCount), Double(data.inputDimension)] + data.inputs.values + data.targets
  }
}
