import Foundation
import PackagePlugin

/// Writes the commit that is being built into the module `SourceRevision`, before every build, `unknown` where there is no
/// repository of the package's own: in an unpacked archive, say, even one inside another repository.
@main struct SourceRevision: BuildToolPlugin {
  private static let script = #"""
    cd "$1" && here=$(pwd -P)
    revision=
    if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$here" ]; then
      revision=$(git --no-optional-locks describe --always --abbrev=12 --dirty=+ --exclude '*' 2>/dev/null)
    fi
    line="package let sourceRevision = \"${revision:-unknown}\""
    mkdir -p "$2"
    # An unchanged file is left alone, lest it be compiled again.
    [ "$(cat "$2/Revision.swift" 2>/dev/null)" = "$line" ] || echo "$line" > "$2/Revision.swift"
    """#

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.pluginWorkDirectoryURL.appending(path: "generated")
    return [
      .prebuildCommand(
        displayName: "Source revision", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", Self.script, "sh", context.package.directoryURL.path, folder.path],
        outputFilesDirectory: folder)
    ]
  }
}
