import Foundation
import GradientFlow
import Studies

/// The runs of a sweep as a table.
public enum SweepExport {
  /// One line for each run, not finite or absent values empty.
  public static func csv(_ rows: [SweepRow]) -> String {
    let header =
      "run,gamma,gamma_prime,width,seed,beta2_exponent,others,checks,return_code,kappa,kappa_prime,time,loss,"
      + "initial_loss,rd_w,rd_a,rd_theta,sup_w,sup_a,sup_theta,nfev,accepted,rejected,wall_seconds,message"
    return ([header] + rows.map(line)).joined(separator: "\n") + "\n"
  }

  private static func line(_ row: SweepRow) -> String {
    let r = row.result
    func text<T>(_ value: T?) -> String { value.map { "\($0)" } ?? "" }
    var fields = ["\(row.id)", text(row.gamma), text(row.gammaPrime), "\(row.width)", "\(row.seed)"]
    fields += [text(row.betaExponent), quoted(row.others.joined(separator: " ")), text(row.checks)]
    fields += [text(r?.returnCode), text(r?.kappa), text(r?.kappaPrime), text(r?.time), text(r?.loss)]
    fields += [text(r?.initialLoss)]
    fields += ParameterPart.allCases.map { text(r?.final[$0]) }
    fields += ParameterPart.allCases.map { text(r?.supremum[$0]) }
    fields += [text(r?.nfev), text(r?.accepted), text(r?.rejected), text(r?.wallSeconds)]
    fields += [quoted(text(r?.message))]
    return fields.joined(separator: ",")
  }

  /// As RFC 4180 has it.
  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  /// An array with one object for each run, with all that its observers said.
  ///
  /// - Throws: `EncodingError`.
  public static func json(_ rows: [SweepRow]) throws -> String {
    let objects = try rows.map(object)
    return String(
      decoding: try JSONSerialization.data(
        withJSONObject: objects, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]),
      as: UTF8.self) + "\n"
  }

  private static func object(_ row: SweepRow) throws -> [String: Any] {
    var object: [String: Any] = [
      "run": row.id, "width": row.width, "seed": row.seed, "configuration": row.configuration,
    ]
    object["gamma"] = row.gamma
    object["gammaPrime"] = row.gammaPrime
    object["beta2Exponent"] = row.betaExponent
    object["checks"] = row.checks
    if !row.others.isEmpty { object["others"] = row.others }
    guard let r = row.result else { return object }
    object["returnCode"] = r.returnCode
    object["message"] = r.message
    object["program"] = r.program
    object["integrator"] = r.integrator
    object["kappa"] = r.kappa
    object["kappaPrime"] = r.kappaPrime
    object["time"] = r.time
    object["loss"] = r.loss
    object["initialLoss"] = r.initialLoss
    object["wallSeconds"] = r.wallSeconds
    object["observers"] = try JSONSerialization.jsonObject(with: Data(r.observers.utf8))
    object["statistics"] = try JSONSerialization.jsonObject(with: Data(r.statistics.utf8))
    return object
  }
}
