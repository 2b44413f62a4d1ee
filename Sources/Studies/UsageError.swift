/// Something a user asked for that cannot be done as asked: the program exits with code 2 and has
/// written nothing.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
