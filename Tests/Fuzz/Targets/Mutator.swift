import Networks

/// Changes inputs at random: bits, bytes, words, lines, numbers, fields of binary headers; the same seed gives the same
/// changes everywhere.
public struct Mutator {
  private var generator: PCG64
  private let words: [[UInt8]]

  public init(seed: UInt64, words: [String] = []) {
    generator = PCG64(seed: seed)
    self.words = (words + Self.texts).map { Array($0.utf8) }
  }

  /// What numbers, names and lines turn into.
  static let texts = [
    "0", "-0", "1", "-1", "2", "0.5", "1e300", "-1e300", "1e-300", "5e-324", "1e308", "1e309", "nan", ".nan",
    "inf",
    "-.inf", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
    "18446744073709551616", "2147483648", "4294967295", "65536", "1000000", "99999999999999999999999999",
    "0x10", "010",
    "1_000", "1.", ".5", "1e", "--", "", " ", "\n", "\t", "\r\n", "\"", "'", "\u{0}", "\u{301}", "\u{202E}",
    "\u{2028}",
    "\u{FEFF}", "é", "🙂", ":", ",", "(", ")", "{", "}", "[", "]", "#", "&a", "*a", "!!int", "|", ">", "~",
    "null", "true",
    "{}", "[]", "../..", "/dev/null", "/dev/zero", "/", ".",
  ]

  private static let fields: [[UInt8]] = [
    [0], [0xff], [0x7f], [0x80], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff],
    [0x80, 0, 0, 0],
    [0, 0, 0, 1], [1, 0, 0, 0], [0xff, 0xff], [0, 0, 0, 0, 0, 0, 0xf0, 0x7f], [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    [0, 0, 0, 0, 0, 0, 0, 0x80], [1, 0, 0, 0, 0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f],
  ]

  mutating func below(_ count: Int) -> Int { Int(generator.next() % UInt64(max(1, count))) }

  private mutating func choice<T>(_ items: [T]) -> T { items[below(items.count)] }

  /// One of `corpus`, changed in one to eight places, at most `most` bytes long.
  public mutating func next(_ corpus: [[UInt8]], most: Int = 1 << 16) -> [UInt8] {
    var input = choice(corpus)
    // Half of them in one place, so that many are still read to their end.
    for _ in 0..<(below(2) == 0 ? 1 : 1 << below(4)) { change(&input, corpus) }
    return Array(input.prefix(most))
  }

  private mutating func change(_ x: inout [UInt8], _ corpus: [[UInt8]]) {
    switch below(14) {
    case 0:
      if !x.isEmpty { x[below(x.count)] ^= 1 << UInt8(below(8)) }
    case 1:
      if !x.isEmpty { x[below(x.count)] = UInt8(below(256)) }
    case 2:
      let place = below(x.count + 1)
      x.insert(contentsOf: (0..<(1 + below(8))).map { _ in UInt8(below(256)) }, at: place)
    case 3:
      let range = part(x.count)
      x.removeSubrange(range)
    case 4:
      let range = part(x.count)
      x.insert(contentsOf: Array(x[range]), at: below(x.count + 1))
    case 5: x = Array(x.prefix(below(x.count + 1)))
    case 6:
      // A part of another input.
      let other = choice(corpus)
      x.replaceSubrange(part(x.count), with: other[part(other.count)])
    case 7:
      let field = choice(Self.fields)
      // Headers are at the beginning.
      let place = below(2) == 0 ? below(min(x.count, 32)) : below(x.count)
      for (k, byte) in field.enumerated() where place + k < x.count { x[place + k] = byte }
    case 8, 9: x.replaceSubrange(token(x) { Self.isOfNumber($0) }, with: choice(words))
    case 10, 11: x.replaceSubrange(token(x) { Self.isOfWord($0) }, with: choice(words))
    case 12:
      let word = choice(words)
      x.insert(contentsOf: word, at: below(x.count + 1))
    default:
      // A line twice, elsewhere, or none.
      let line = token(x) { $0 != 0x0a }
      let text = Array(x[line])
      if below(2) == 0 { x.removeSubrange(line) }
      x.insert(contentsOf: text + [0x0a], at: min(below(x.count + 1), x.count))
    }
  }

  private mutating func part(_ count: Int) -> Range<Int> {
    let start = below(count + 1)
    return start..<min(count, start + 1 + below(min(64, max(1, count))))
  }

  /// A maximal run of bytes of a kind around a place chosen at random.
  private mutating func token(_ x: [UInt8], _ isOfKind: (UInt8) -> Bool) -> Range<Int> {
    if x.isEmpty { return 0..<0 }
    let from = below(x.count)
    guard let start = x[from...].firstIndex(where: isOfKind) else { return from..<from }
    var low = start
    while low > 0, isOfKind(x[low - 1]) { low -= 1 }
    var high = start
    while high < x.count, isOfKind(x[high]) { high += 1 }
    return low..<high
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || byte == 0x2e || byte == 0x2d || byte == 0x65
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || byte == 0x2d || byte == 0x5f
  }
}
