import CPluginGuard
import Foundation
import Synchronization

/// Calls into one plug-in, which come back whatever it does: a crash, an overflow of the stack or `exit` is an error with the
/// plug-in's name, and nothing of it is called any more. What it changes in the floating-point environment is undone.
///
/// Catching crashes is for a program to ask for, see ``PluginGuard``; without that they end the process as ever.
final class PluginCalls: Sendable {
  /// `system 'lorenz'`.
  let item: String
  private nonisolated(unsafe) let text: UnsafePointer<CChar>
  private let isOver = Atomic(false)
  private let reason = Mutex<(any Error)?>(nil)

  /// The library's file.
  private let file: String

  init(_ item: String, _ file: String) {
    (self.item, self.file) = (item, file)
    // A handler may need it at the very end.
    text = UnsafePointer(strdup(item)!)
  }

  /// Calls a function.
  ///
  /// - Parameters:
  ///   - name: as in `phaseflow_plugin.h`.
  ///   - body: is to pass the call on to a function of `CPluginGuard`.
  /// - Throws: ``PluginCrash``, and again whatever ended the plug-in before.
  @inline(__always)
  func callAsFunction<R>(_ name: StaticString, _ body: (UnsafeMutablePointer<cguard_call>) -> R) throws -> R {
    if isOver.load(ordering: .relaxed) { try rethrow() }
    var call = Self.call(text, name)
    let result = body(&call)
    if call.event != 0 || call.environment != 0 || call.output != 0 { try judge(call, name) }
    return result
  }

  /// Nothing is called any more; whoever tries gets `error`.
  func end(_ error: any Error) {
    reason.withLock { $0 = $0 ?? error }
    isOver.store(true, ordering: .relaxed)
  }

  /// What ended the plug-in, if anything has.
  var fault: (any Error)? { isOver.load(ordering: .relaxed) ? reason.withLock { $0 } : nil }

  private func rethrow() throws { if let error = reason.withLock({ $0 }) { throw error } }

  fileprivate static func call(_ item: UnsafePointer<CChar>, _ name: StaticString) -> cguard_call {
    cguard_call(
      item: item, name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), event: 0,
      status: 0,
      environment: 0, output: 0)
  }

  @inline(never)
  private func judge(_ call: cguard_call, _ name: StaticString) throws {
    if call.environment != 0 { PluginGuard.note(item, name, environment: call.environment) }
    if call.output != 0 { PluginGuard.note(item, name, output: call.output) }
    guard call.event != 0 else { return }
    let crash = PluginCrash(item: item, file: file, call: "\(name)", event: call.event, status: call.status)
    end(crash)
    cguard_alive()
    throw crash
  }
}

/// A plug-in that crashed, or ended the process.
public struct PluginCrash: Error, Equatable, CustomStringConvertible {
  /// `system 'lorenz'`.
  public let item: String
  /// The library's file.
  public let file: String
  /// The function's name in `phaseflow_plugin.h`.
  public let call: String
  let event: Int32
  let status: Int32

  public var description: String {
    let what =
      switch event {
      case Int32(CGUARD_EXIT): "ended the process by exit(\(status))"
      case SIGSEGV: "crashed: it touched memory that is not there, or used up the stack"
      case SIGBUS: "crashed: it touched memory that is not there"
      case SIGFPE: "crashed: it divided by zero in whole numbers"
      case SIGABRT: "called abort, as a failed assertion does"
      default: "stopped itself, as a failed precondition does"
      }
    return "\(item) \(what) (in \(call)); to test it: phaseflow plugins check \(file)"
  }
}

/// What the process does about plug-ins that crash, or change what is not theirs.
public enum PluginGuard {
  private static let state = Mutex(State())

  private struct State: Sendable {
    var catches = false
    var libraries: [String] = []
    var hasLateCrash = false
    var said: Set<String> = []
    var report: @Sendable (String) -> Void = { FileHandle.standardError.write(Data(($0 + "\n").utf8)) }
  }

  /// From the next library that is loaded on, crashes in plug-ins and their calls of `exit` are errors. For programs, which own
  /// the process's signals.
  ///
  /// - Parameter report: told of what else plug-ins do, one sentence each.
  public static func catchCrashes(report: @escaping @Sendable (String) -> Void) {
    state.withLock {
      $0.catches = true
      $0.report = report
    }
  }

  /// Who is told of what plug-ins do, without catching their crashes.
  public static func listen(_ report: @escaping @Sendable (String) -> Void) {
    state.withLock {
      $0.catches = false
      $0.report = report
    }
  }

  /// Whether standard output is no longer what it was before the first library was loaded.
  public static var hasLostOutput: Bool { cguard_check_output() != 0 }

  /// Whether a plug-in crashed when its work was done: its results stand, and a program should fail all the same.
  public static var hasLateCrash: Bool { state.withLock { $0.hasLateCrash } }

  /// Before a library is loaded.
  static func prepare(_ file: String) {
    let names = state.withLock { state -> String? in
      state.libraries.append("'\(file)'")
      return state.catches ? state.libraries.joined(separator: ", ") : nil
    }
    cguard_remember_output()
    guard let names else { return }
    cguard_install()
    cguard_set_libraries(strdup(names)!)
  }

  static func note(_ item: String, _ name: StaticString, environment: UInt32) {
    let changes = [
      (CGUARD_ROUNDING, "how numbers are rounded"),
      (CGUARD_DENORMALS, "how denormal numbers are treated (flush to zero)"),
      (CGUARD_TRAPS, "which floating-point errors stop the process"),
    ].filter { flag, _ in environment & UInt32(flag) != 0 }.map(\.1)
    say(
      "\(item) changed \(changes.joined(separator: " and ")) in \(name) and left it so; it is as before again"
    )
  }

  static func note(_ item: String, _ name: StaticString, output: UInt32) {
    let what = output == UInt32(CGUARD_CLOSED) ? "closed" : "replaced"
    say("standard output was \(what) in or before \(name) of \(item); what is printed there is lost")
  }

  /// Of a plug-in whose work is done. What ended it before has been told.
  static func noteEnd(_ error: any Error) {
    guard let crash = error as? PluginCrash, crash.call == "destroy" || crash.call == "stop" else { return }
    state.withLock { $0.hasLateCrash = true }
    say("\(crash)")
  }

  /// Once each.
  private static func say(_ sentence: String) {
    let report = state.withLock { state in
      state.said.insert(sentence).inserted ? state.report : nil
    }
    report?(sentence)
  }
}

extension PluginLibrary {
  /// Loads a file and calls its entry; a crash meanwhile ends the process with a sentence.
  static func open(_ file: String, as path: String) -> (
    handle: UnsafeMutableRawPointer?, calls: PluginLoading
  ) {
    PluginGuard.prepare(path)
    let calls = PluginLoading(path)
    return (calls.load(file), calls)
  }
}

/// The loading of one library.
struct PluginLoading {
  private let text: UnsafePointer<CChar>
  private let item: String

  init(_ path: String) {
    item = "the plug-in library '\(path)'"
    text = UnsafePointer(strdup(item)!)
  }

  func load(_ file: String) -> UnsafeMutableRawPointer? {
    var call = PluginCalls.call(text, "loading")
    let handle = cguard_load(&call, file)
    note(call, "loading")
    return handle
  }

  func enter(_ entry: @convention(c) () -> UnsafePointer<phaseflow_plugin>?) -> UnsafePointer<
    phaseflow_plugin
  >? {
    var call = PluginCalls.call(text, "phaseflow_plugin_entry")
    let table = cguard_entry(&call, entry)
    note(call, "phaseflow_plugin_entry")
    return table
  }

  private func note(_ call: cguard_call, _ name: StaticString) {
    if call.environment != 0 { PluginGuard.note(item, name, environment: call.environment) }
    // Constructors run once, so here the system is always asked.
    let output = cguard_check_output()
    if output != 0 { PluginGuard.note(item, name, output: output) }
  }
}
