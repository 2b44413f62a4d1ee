import Testing
import UntrustedNumbers

@Suite struct UntrustedNumberTests {
  @Test(
    "numbers beyond the type become its ends, and none traps",
    arguments: [
      (0.0, 0), (1.9, 1), (-1.9, -1), (1e300, Int.max), (-1e300, Int.min), (.infinity, Int.max),
      (-.infinity, Int.min), (.nan, 0), (0x1p63, Int.max), (-0x1p63, Int.min), (5e-324, 0),
    ])
  func saturating(x: Double, expected: Int) { #expect(Int(saturating: x) == expected) }

  @Test("unsigned and short types have their own ends")
  func otherTypes() {
    #expect(UInt32(saturating: -1) == 0)
    #expect(UInt32(saturating: 0x1p32) == .max)
    #expect(Int8(saturating: 127.9) == 127)
  }

  @Test("a whole number in the range is taken, everything else gets a sentence")
  func whole() throws {
    #expect(try UntrustedNumber("width", 7).whole(in: 1...10) == 7)
    for bad in [0.5, 11, .nan, .infinity, -1e300, 0x1p63] {
      let error = #expect(throws: UntrustedNumberError.self) {
        try UntrustedNumber("width", bad).whole(in: 1...10)
      }
      #expect(error?.description == "width is \(bad); it must be a whole number from 1 to 10")
    }
  }

  @Test("products of sizes say when they are too large, also where a factor is 0")
  func products() {
    #expect(UntrustedNumber.product([]) == 1)
    #expect(UntrustedNumber.product([3, 4, 5]) == 60)
    #expect(UntrustedNumber.product([1 << 40, 1 << 40]) == nil)
    #expect(UntrustedNumber.product([1 << 40, 1 << 40, 0]) == nil)
    #expect(UntrustedNumber.product([0, 1 << 40]) == 0)
    #expect(UntrustedNumber.product([3, -1]) == nil)
  }
}
