import Foundation
import Networks
import Testing

import DatasetsPlugins

@Suite struct CSVDatasetTests {
  private func parse(_ text: String) throws -> Dataset {
    try CSVDataset.parse(Data(text.utf8), path: "f.csv")
  }

  @Test(
    "Line endings, a byte order mark, quotes, spaces and blank lines make no difference",
    arguments: [
      "a,b,y\n1,2,3\n-4,5e-1,6\n", "a,b,y\r\n1,2,3\r\n-4,5e-1,6\r\n", "a,b,y\n1,2,3\n-4,5e-1,6",
      "\u{FEFF}a,b,y\n1,2,3\n-4,5e-1,6\n", "\"a\",\"b, with comma\",\"y\"\n\"1\",2,3\n-4,\"5e-1\",6\n",
      "a, b ,y\n 1 , 2,3 \n-4,0.5,\t6\n", "\na,b,y\n\n1,2,3\n\n\n-4,0.5,6\n\n",
      "\"a\nnext\",b,y\n1,2,3\n-4,.5,6\n",
    ])
  func accepted(text: String) throws {
    let data = try parse(text)
    #expect(data.inputs.values == [1, 2, 1, -4, 0.5, 1])
    #expect(data.targets == [3, 6])
    #expect(data.name == "f.csv")
    #expect(data.inputDimension == 3)
  }

  private static let rejected: [(String, DatasetFileError.Problem)] = [
    ("", .empty), ("\n\n", .empty), ("1,2\n3,4\n", .headerMissing(column: 1, text: "1")),
    ("0.1,\n0.2,0.3\n", .headerMissing(column: 1, text: "0.1")),
    ("x,\n0.2,0.3\n", .headerMissing(column: 2, text: "")),
    ("x,nan\n1,2\n", .headerMissing(column: 2, text: "nan")), ("x,y\n", .noRows), ("x,y", .noRows),
    ("y\n1\n", .noInputColumn), ("x;y\n1;2\n", .noInputColumn),
    ("x,y\n1,2\n3\n", .ragged(line: 3, expected: 2, got: 1)),
    ("x,y\n1,2,3\n", .ragged(line: 2, expected: 2, got: 3)),
    ("x,y\n\n1,2\n\n3,4,5\n", .ragged(line: 5, expected: 2, got: 3)),
    ("x,y\n1,2\nfoo,4\n", .notANumber(line: 3, column: 1, header: "x", text: "foo")),
    ("x,y\n1,\n", .notANumber(line: 2, column: 2, header: "y", text: "")),
    ("x,y\n1,2 3\n", .notANumber(line: 2, column: 2, header: "y", text: "2 3")),
    ("x,y\n1,nan\n", .notFinite(line: 2, column: 2, header: "y", text: "nan")),
    ("x,y\n1,2\n-inf,2\n", .notFinite(line: 3, column: 1, header: "x", text: "-inf")),
    ("x,y\n1e999,2\n", .notFinite(line: 2, column: 1, header: "x", text: "1e999")),
    ("\"x\n2\",y\n1,2\nq,2\n", .notANumber(line: 4, column: 1, header: "x\n2", text: "q")),
    ("x,y\n\"1,2\n", .quotation(reason: "there is an odd number of them")),
    ("x,y\n1,2\n\"1\"a,2\n3,\"4\"\n", .quotation(reason: "after line 2: Can't have non-quote here: a")),
  ]

  @Test("What cannot be used is rejected with line, column and text", arguments: rejected.indices)
  func rejects(index: Int) {
    let (text, problem) = Self.rejected[index]
    #expect(throws: DatasetFileError(path: "f.csv", problem: problem)) { _ = try parse(text) }
  }

  @Test("Bytes that are no UTF-8 are rejected")
  func encoding() {
    #expect(throws: DatasetFileError(path: "f.csv", problem: .notUTF8)) {
      _ = try CSVDataset.parse(Data([0x78, 0x2c, 0xff, 0x0a]), path: "f.csv")
    }
  }

  @Test("A message names the file, the place and what stands there")
  func message() {
    let error = DatasetFileError(
      path: "f.csv", problem: .notANumber(line: 3, column: 1, header: "x", text: "foo"))
    #expect("\(error)" == "cannot use 'f.csv': line 3, column 1 (x): 'foo' is not a number")
  }
}
