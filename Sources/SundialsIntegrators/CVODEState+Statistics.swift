import ODECore

extension CVODEState {
  public var statistics: Statistics {
    let counters = solver.counters
    var statistics = Statistics()
    statistics.nfev =
      Int(counters.nfe + counters.nfe_ls - counters.refused) + ownEvaluations
      + solver.bridge.differenceEvaluations
    statistics.njev = Int(counters.nje + counters.npe)
    statistics.njtimes = Int(counters.njtimes)
    statistics.accepted = accepted
    statistics.rejected = Int(counters.netf + counters.ncfn)
    statistics.netf = Int(counters.netf)
    statistics.nni = Int(counters.nni)
    statistics.ncfn = Int(counters.ncfn)
    statistics.nli = Int(counters.nli)
    statistics.nlcf = Int(counters.nlcf)
    statistics.nsetups = Int(counters.nsetups)
    statistics.npe = Int(counters.npe)
    statistics.nps = Int(counters.nps)
    statistics.lastOrder = Int(counters.last_order)
    statistics.lastStepSize = counters.last_step
    return statistics
  }
}
