// Who tests a method wants problems with known solutions.
@_exported import ReferenceProblems
