/// The program's version, as `phaseflow --version` prints it and records keep it.
public let phaseFlowVersion = "0.1.0"
