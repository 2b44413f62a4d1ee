/// Something that a reader of a solution should know, e.g. that it is one of several.
public struct SolutionRemark: Equatable, Sendable, Codable {
  /// A key for machines, in lowerCamelCase.
  public let name: String
  /// How often it happened; `nil` where there is nothing to count.
  public let count: Int?
  /// One plain sentence, without a full stop.
  public let text: String

  /// A remark from its parts.
  public init(name: String, count: Int? = nil, text: String) {
    self.name = name
    self.count = count
    self.text = text
  }
}
