/// A coding key of any name.
package struct AnyKey: CodingKey {
  package let stringValue: String
  package let intValue: Int? = nil

  package init(_ text: String) { stringValue = text }
  package init?(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}
