import Foundation

/// `word` as a shell takes it for one word.
func shellQuoted(_ word: String) -> String {
  let safe = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+")
  return !word.isEmpty && word.allSatisfy(safe.contains)
    ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
}
