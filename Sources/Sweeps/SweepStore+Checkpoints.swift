import Files
import Foundation

extension SweepStore {
  private var unfinished: URL { folder.appending(path: "unfinished", directoryHint: .isDirectory) }

  /// The folder of the checkpoints of a run that is not done, if it has any yet.
  func checkpoints(of run: Int) -> URL {
    unfinished.appending(path: "run-\(run)", directoryHint: .isDirectory)
  }

  func removeCheckpoints(of run: Int) { try? FileCall.remove(checkpoints(of: run)) }

  /// Removes the folder of all checkpoints if none is in it.
  func removeEmptyCheckpoints() { rmdir(unfinished.path) }
}
