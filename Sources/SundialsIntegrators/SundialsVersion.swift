import CSundials

/// The version of SUNDIALS that is loaded, as it says itself.
public let sundialsVersion: String = {
  var text = [CChar](repeating: 0, count: 64)
  csundials_version(&text, CInt(text.count))
  return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}()
