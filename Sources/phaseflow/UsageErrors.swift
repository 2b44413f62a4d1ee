import GradientFlow
import ODECore
import PluginKit
import PluginTemplates
import Studies

/// Whether a user's input is to blame: then the exit code is 2.
func isUsageError(_ error: any Error) -> Bool {
  error is UsageError || error is PluginError || error is DatasetError || error is ScalingError
    || error is LossTargetError || error is ODEProblemError || error is PluginLibraryError
    || error is PluginTemplateError
}
