// The build writes `sourceRevision`, the commit that this program is built from: Scripts/SourceRevision. A module of its
// own, so that a new commit does not compile the libraries again.
