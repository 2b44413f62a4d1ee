import Figures
import PluginKit
import PluginTemplates
import Studies

/// Whether a user's input is to blame: then the exit code is 2.
func isUsageError(_ error: any Error) -> Bool {
  if case FigureError.tooSmall? = error as? FigureError { return true }
  return error is UsageError || error is PluginLibraryError || error is PluginTemplateError
}
