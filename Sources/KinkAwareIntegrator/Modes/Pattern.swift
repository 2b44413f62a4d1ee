/// The sides of all kinks on which a neuron is: 1, -1, or 0 where it is held. The memory belongs to a ``Mode``, or to
/// whoever asks a ``ModeTable`` for one.
struct Pattern: Hashable {
  let sides: UnsafePointer<Int8>
  let count: Int
  /// The sign of alpha of neurons that rest at `w = 0`, held by all kinks at once; 0 everywhere else.
  var rest: Int8 = 0

  /// Whether neurons rest at `w = 0`.
  var isAtRest: Bool { rest != 0 }

  /// 1 or -1; 0 where neurons are held.
  subscript(_ kink: Int) -> Int8 { sides[kink] }

  /// A copy.
  var array: [Int8] { Array(UnsafeBufferPointer(start: sides, count: count)) }

  static func == (a: Pattern, b: Pattern) -> Bool {
    a.rest == b.rest && (0..<a.count).allSatisfy { a.sides[$0] == b.sides[$0] }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(bytes: UnsafeRawBufferPointer(start: sides, count: count))
  }
}
