// Who uses dynamics uses the protocols that they conform to.
@_exported import Networks
