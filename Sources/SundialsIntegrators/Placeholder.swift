import ODECore
