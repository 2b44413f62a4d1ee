// Whoever writes a plug-in conforms to the protocols of these.
@_exported import Networks
@_exported import ODECore
