import Foundation

/// Who claims a run: enough to tell later whether that process still lives.
struct ProcessIdentity: Equatable, Sendable {
  /// Unique for each opening of a store.
  let owner: String
  /// Changes with each boot, and with the name space in which process numbers count.
  let machine: String
  let host: String
  let pid: Int32
  /// In clock ticks since boot: tells a process from a later one with the same number.
  let started: Int

  static func current() -> ProcessIdentity {
    let pid = ProcessInfo.processInfo.processIdentifier
    return ProcessIdentity(
      owner: UUID().uuidString, machine: machine, host: ProcessInfo.processInfo.hostName, pid: pid,
      started: startTime(of: pid) ?? 0)
  }

  /// Whether process `pid`, started at `started`, is alive. Only for processes of this machine.
  static func isAlive(pid: Int32, started: Int) -> Bool { startTime(of: pid) == started }

  private static let machine: String = {
    let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    return (boot ?? "?").trimmingCharacters(in: .whitespacesAndNewlines) + " " + (space ?? "?")
  }()

  /// Field 22 of `/proc/PID/stat`; a zombie counts as gone.
  private static func startTime(of pid: Int32) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      // The second field is the command in parentheses, which may hold anything.
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return Int(fields[19])
  }
}
