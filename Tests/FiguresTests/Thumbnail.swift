import CZlib
import Foundation

/// A picture in shades of grey, small enough to keep and large enough to see a legend move.
struct Thumbnail {
  struct Unreadable: Error {}

  let width: Int
  let height: Int
  /// Row by row, 0 black to 255 white.
  let shades: [UInt8]

  private static let width = 120

  /// From a PNG file with 8 bits a channel, not interlaced, such as gnuplot's (RFC 2083).
  init(png: Data) throws {
    let bytes = [UInt8](png)
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    var (compressed, place) = ([UInt8](), 8)
    while place + 8 <= bytes.count {
      let (length, kind) = (number(place), bytes[place + 4..<place + 8])
      if kind.elementsEqual("IDAT".utf8) { compressed += bytes[place + 8..<place + 8 + length] }
      place += length + 12
    }
    let (wide, high, channels) = (number(16), number(20), [0: 1, 2: 3, 6: 4][bytes[25]] ?? 0)
    guard bytes[24] == 8, bytes[28] == 0, channels > 0 else { throw Unreadable() }
    let stride = wide * channels
    var raw = [UInt8](repeating: 0, count: (stride + 1) * high)
    var size = uLongf(raw.count)
    guard uncompress(&raw, &size, compressed, uLong(compressed.count)) == Z_OK, size == raw.count else {
      throw Unreadable()
    }
    self.init(Self.pixels(raw, stride, high, channels), wide, high, channels)
  }

  /// Undoes the filter of each row.
  private static func pixels(_ raw: [UInt8], _ stride: Int, _ height: Int, _ channels: Int) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: stride * height)
    for row in 0..<height {
      let filter = raw[row * (stride + 1)]
      for i in 0..<stride {
        let left = i < channels ? 0 : Int(pixels[row * stride + i - channels])
        let up = row == 0 ? 0 : Int(pixels[(row - 1) * stride + i])
        let corner = row == 0 || i < channels ? 0 : Int(pixels[(row - 1) * stride + i - channels])
        let guess: Int
        switch filter {
        case 1: guess = left
        case 2: guess = up
        case 3: guess = (left + up) / 2
        case 4:
          let sum = left + up - corner
          let (a, b, c) = (abs(sum - left), abs(sum - up), abs(sum - corner))
          guess = a <= b && a <= c ? left : b <= c ? up : corner
        default: guess = 0
        }
        pixels[row * stride + i] = raw[row * (stride + 1) + 1 + i] &+ UInt8(guess)
      }
    }
    return pixels
  }

  /// Means over boxes.
  private init(_ pixels: [UInt8], _ wide: Int, _ high: Int, _ channels: Int) {
    width = Self.width
    height = max(1, high * Self.width / wide)
    let (width, height) = (width, height)
    shades = (0..<height).flatMap { y in
      (0..<width).map { x -> UInt8 in
        let rows = y * high / height..<(y + 1) * high / height
        let columns = x * wide / width..<(x + 1) * wide / width
        let colours = min(3, channels)
        var sum = 0
        for row in rows {
          for column in columns {
            for c in 0..<colours { sum += Int(pixels[(row * wide + column) * channels + c]) }
          }
        }
        return UInt8(sum / (rows.count * columns.count * colours))
      }
    }
  }

  /// Read back.
  init(pgm: Data) throws {
    let fields = pgm.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
    let size = String(decoding: fields.dropFirst().first ?? Data(), as: UTF8.self).split(separator: " ").map {
      Int($0)
    }
    guard fields.count == 3, size.count == 2, let width = size[0], let height = size[1] else {
      throw Unreadable()
    }
    (self.width, self.height) = (width, height)
    shades = [UInt8](fields[2].drop { $0 != UInt8(ascii: "\n") }.dropFirst())
    guard shades.count == width * height else { throw Unreadable() }
  }

  /// The same as a portable graymap.
  var pgm: Data { Data("P5\n\(width) \(height)\n255\n".utf8) + Data(shades) }

  /// Root mean square of the shades' differences; infinite between pictures of different shapes.
  func difference(from other: Thumbnail) -> Double {
    guard (width, height) == (other.width, other.height) else { return .infinity }
    let squares = zip(shades, other.shades).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return (squares / Double(shades.count)).squareRoot()
  }
}
