import PluginKit

/// Something a user asked for that cannot be done as asked: the program exits with code 2 and has
/// written nothing.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  /// What was wrong, where, and what would be right.
  public let description: String

  /// A mistake of the user's, told in a sentence.
  public init(_ description: String) { self.description = description }

  /// Runs a preparation, in which whatever goes wrong is due to what the user asked for: a plug-in's
  /// name, a data file, a number out of range.
  public static func preparing<T>(_ preparation: () throws -> T) throws -> T {
    do {
      return try preparation()
    } catch let error as UsageError {
      throw error
    } catch let error as PluginCrash {
      // Nobody asked for that.
      throw error
    } catch {
      throw UsageError("\(error)")
    }
  }
}
