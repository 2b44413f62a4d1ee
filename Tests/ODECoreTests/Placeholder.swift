import Testing
import ODECore
@Test func placeholder() {}
