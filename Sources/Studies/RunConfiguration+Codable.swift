import Foundation

extension RunConfiguration {
  /// The keys of the YAML file; with `--` before them, the flags.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case data, width, gamma
    case gammaPrime = "gamma-prime"
    case scalingWidth = "scaling-width"
    case alpha, beta1, beta2, initialization, model, activation, loss, integrator, rtol, atol, step, seed, asi
    case stopLoss = "stop-loss"
    case tEnd = "t-end"
    case observe
    case initialState = "initial-state"
    case plugin, record
    case recordNeurons = "record-neurons"
    case maxSteps = "max-steps"
    case stopAtRest = "stop-at-rest"
    case reduceDimension = "reduce-dimension"
    case threads

    /// What a value has to be, for messages.
    var expected: String {
      switch self {
      case .width, .scalingWidth, .seed, .maxSteps, .threads: "a whole number"
      case .gamma, .gammaPrime, .alpha, .beta1, .beta2, .rtol, .atol, .stopLoss, .tEnd: "a number"
      case .step: "'auto' or a number"
      case .model: "'normalized' or 'original'"
      case .asi, .recordNeurons, .stopAtRest, .reduceDimension: "true or false"
      case .observe, .plugin: "a list of names, like [a, b]"
      case .data, .initialization, .activation, .loss, .integrator, .initialState, .record: "a text"
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<T: Decodable>(_ key: CodingKeys, _ value: inout T) throws {
      if let found = try values.decodeIfPresent(T.self, forKey: key) { value = found }
    }
    func read<T: Decodable>(_ key: CodingKeys, _ value: inout T?) throws {
      if let found = try values.decodeIfPresent(T.self, forKey: key) { value = found }
    }
    /// One name needs no brackets.
    func readList(_ key: CodingKeys, _ value: inout [String]) throws {
      if let one = try? values.decodeIfPresent(String.self, forKey: key) {
        value = one.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      } else {
        try read(key, &value)
      }
    }
    try read(.data, &data)
    try read(.width, &width)
    try read(.alpha, &alpha)
    try read(.beta1, &beta1)
    try read(.beta2, &beta2)
    try read(.initialization, &initialization)
    try read(.model, &model)
    if alpha != nil || beta1 != nil || beta2 != nil || initialization != nil {
      (gamma, gammaPrime) = (nil, nil)
    }
    try read(.gamma, &gamma)
    try read(.gammaPrime, &gammaPrime)
    try read(.scalingWidth, &scalingWidth)
    try read(.activation, &activation)
    try read(.loss, &loss)
    try read(.integrator, &integrator)
    try read(.rtol, &rtol)
    try read(.atol, &atol)
    try read(.step, &step)
    try read(.seed, &seed)
    try read(.asi, &asi)
    try read(.stopLoss, &stopLoss)
    try read(.tEnd, &tEnd)
    try readList(.observe, &observe)
    observe.removeAll { $0 == "none" }
    try read(.initialState, &initialState)
    try readList(.plugin, &plugin)
    try read(.record, &record)
    try read(.recordNeurons, &recordNeurons)
    try read(.maxSteps, &maxSteps)
    try read(.stopAtRest, &stopAtRest)
    try read(.reduceDimension, &reduceDimension)
    try read(.threads, &threads)
  }
}

extension StepChoice: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let step = StepChoice(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "neither 'auto' nor a number")
    }
    self = step
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .automatic: try container.encode("auto")
    case .value(let value): try container.encode(value)
    }
  }
}
