import CPhaseFlow
import Studies

// The functions of phaseflow.h on results.

/// `phaseflow_interface_version` of phaseflow.h.
@_cdecl("phaseflow_interface_version")
public func interfaceVersion() -> UInt32 { PHASEFLOW_INTERFACE_VERSION }

private nonisolated(unsafe) let versionText = phaseFlowVersion.utf8CString.withUnsafeBufferPointer { text in
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
  copy.initialize(from: text.baseAddress!, count: text.count)
  return UnsafePointer(copy)
}

/// `phaseflow_version` of phaseflow.h.
@_cdecl("phaseflow_version")
public func version() -> UnsafePointer<CChar> { versionText }

/// `phaseflow_result_status` of phaseflow.h.
@_cdecl("phaseflow_result_status")
public func resultStatus(_ result: OpaquePointer) -> Int32 { CallResult.at(result).status }

/// `phaseflow_result_text` of phaseflow.h.
@_cdecl("phaseflow_result_text")
public func resultText(_ result: OpaquePointer, _ name: UnsafePointer<CChar>) -> UnsafePointer<CChar>? {
  CallResult.at(result).text(String(cString: name)).map { UnsafePointer($0) }
}

/// `phaseflow_result_array_count` of phaseflow.h.
@_cdecl("phaseflow_result_array_count")
public func resultArrayCount(_ result: OpaquePointer) -> Int { CallResult.at(result).arrays.count }

/// `phaseflow_result_array` of phaseflow.h.
@_cdecl("phaseflow_result_array")
public func resultArray(_ result: OpaquePointer, _ i: Int, _ array: UnsafeMutablePointer<phaseflow_array>)
  -> Int32
{
  let arrays = CallResult.at(result).arrays
  guard arrays.indices.contains(i) else { return 1 }
  let found = arrays[i]
  func size(_ k: Int) -> Int { k < found.shape.count ? found.shape[k] : 1 }
  array.pointee.name = UnsafePointer(found.name)
  array.pointee.values = UnsafePointer(found.values.baseAddress!)
  array.pointee.rank = found.shape.count
  array.pointee.shape = (size(0), size(1), size(2))
  return 0
}

/// `phaseflow_result_free` of phaseflow.h.
@_cdecl("phaseflow_result_free")
public func resultFree(_ result: OpaquePointer?) {
  guard let result else { return }
  Unmanaged<CallResult>.fromOpaque(UnsafeRawPointer(result)).release()
}

/// `phaseflow_result_evaluate` of phaseflow.h.
@_cdecl("phaseflow_result_evaluate")
public func resultEvaluate(
  _ result: OpaquePointer, _ count: Int, _ t: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
) -> Int32 {
  guard let dense = CallResult.at(result).dense, !dense.isEmpty else { return 1 }
  for k in 0..<count {
    dense.evaluate(
      at: t[k], into: UnsafeMutableBufferPointer(start: y + k * dense.count, count: dense.count))
  }
  return 0
}
