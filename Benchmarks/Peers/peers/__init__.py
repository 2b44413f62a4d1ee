"""Work-precision measurements of one gradient flow, side by side with other libraries' integrators."""
