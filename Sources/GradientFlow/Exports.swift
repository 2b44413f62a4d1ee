// Who uses a flow uses networks, data, activations and losses.
@_exported import Networks
