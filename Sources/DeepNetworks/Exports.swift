// Who uses a deep network uses networks, data, activations and losses.
@_exported import Networks
