import DeepNetworks
import Foundation
import GradientFlow

/// The subject of a run that trains a network: what can be kept and shown of its states, whatever the depth.
package protocol TrainedNetwork: Subject {
  /// Threads used in one call of the flow.
  var threads: Int { get }
  /// Orientation and amplitude of the neurons of the first hidden layer.
  func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double])
  /// `f` on an even grid around the data; `nil` unless there is one input variable and one output.
  func learnedFunction(_ state: [Double]) throws -> (x: [Double], f: [Double])?
}

extension NetworkSubject: TrainedNetwork {
  package var threads: Int { integratedFlow.threads }

  package func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double]) {
    let picture = NeuronPicture(state.span, shape: flow.shape)
    return (picture.orientations, picture.amplitudes)
  }

  package func learnedFunction(_ state: [Double]) throws -> (x: [Double], f: [Double])? {
    guard flow.shape.inputDimension == 2 else { return nil }
    return try Studies.learnedFunction(state, flow.network, around: flow.data.inputs)
  }
}

extension DeepSubject: TrainedNetwork {
  package var threads: Int { flow.threads }

  package func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double]) {
    let picture = HiddenUnits(network, layer: 1)!.rowPicture(state.span)
    return (picture.orientations, picture.amplitudes)
  }

  package func learnedFunction(_ state: [Double]) throws -> (x: [Double], f: [Double])? {
    guard network.inputDimension == 2, network.outputCount == 1 else { return nil }
    return try Studies.learnedFunction(
      state, network, around: flow.data.inputs, from: flow.offsets == nil ? nil : initialState)
  }
}
