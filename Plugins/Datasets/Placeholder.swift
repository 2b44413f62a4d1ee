import PluginKit
/// placeholder
