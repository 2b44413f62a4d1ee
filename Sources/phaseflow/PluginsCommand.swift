import ArgumentParser

struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins",
    abstract: "Lists plug-ins; checks and creates your own plug-ins.",
    discussion: """
      Without a subcommand it lists what --data, --activation, --loss, --integrator and --observe take.

      Example:  phaseflow plugins new activation my-swish --language c --out my-swish
                make -C my-swish
                phaseflow plugins check my-swish/my-swish.so
                phaseflow run --plugin my-swish/my-swish.so --activation my-swish
      """,
    subcommands: [PluginsListCommand.self, PluginsCheckCommand.self, PluginsNewCommand.self],
    defaultSubcommand: PluginsListCommand.self)
}
