/// When one of two methods is tried in place of the other, and which one stays.
///
/// What is compared is the time covered per evaluation of `f`: that of the method at work, averaged with a fading memory, and that of
/// the trial's last steps, so that a start with short steps does not count.
///
/// A trial of the implicit method is due when twenty steps of Dormand-Prince in a row have `|h| rho > 1` (Shampine's estimate; its interval of
/// stability ends at 3.3, and at tight tolerances accuracy and stability hold the step together) and ``patience`` evaluations have
/// passed, doubled after a trial that failed. A trial of Dormand-Prince is due after ``patience`` of the implicit method.
struct SwitchingClock {
  enum Verdict {
    case stay
    case tryOther
    case goBack
  }

  private static let product = 1.0
  private static let suspicious = 20
  private static let (trialSteps, explicitTrialSteps) = (6, 12)
  /// A trial of the implicit method goes on while its steps grow by so much.
  private static let (growth, mostTrialSteps) = (1.5, 18)
  /// Evaluations before the first trial of each kind.
  private static let (patience, implicitPatience) = (100.0, 600.0)
  /// How many times farther per evaluation the other one must get: going back and forth costs restarts.
  private static let (gain, gainBack) = (2.0, 1.2)
  static let historyCount = 11

  private(set) var isTrial = false
  private(set) var verdict = Verdict.stay
  /// Whether the last step ended a trial that the method tried has won.
  private(set) var hasJustDecided = false
  private(set) var trialBegan = 0.0
  /// Time per evaluation of the method at work before the trial, with a fading memory.
  private var pace = 0.0
  private var trialPace = 0.0
  private var lastTrialStep = 0.0
  private var steps = 0
  private var suspicions = 0
  private var evaluations = 0.0
  private var waitExplicit = patience
  private var waitImplicit = implicitPatience

  init() {}

  /// Whether an estimate of `|h| rho` is wanted after this step.
  var asksForProduct: Bool { !isTrial && evaluations >= 0.5 * waitExplicit }

  /// Takes note of an accepted step.
  mutating func accept(
    _ size: Double, evaluations count: Int, product: Double?, isExplicit: Bool, lands: Bool
  ) {
    verdict = .stay
    hasJustDecided = false
    evaluations += Double(count)
    steps += 1
    // A step cut short by a limit says nothing of the method.
    let speed = count > 0 ? size / Double(count) : 0
    if !lands || pace == 0 {
      if isTrial {
        trialPace = isExplicit ? 0.5 * (trialPace + speed) : max(0.5 * trialPace, speed)
      } else {
        pace = pace == 0 ? speed : 0.9 * pace + 0.1 * speed
      }
    }
    if isTrial {
      let isGrowing = !isExplicit && !lands && size > Self.growth * lastTrialStep
      lastTrialStep = size
      guard steps >= (isExplicit ? Self.explicitTrialSteps : Self.trialSteps) else { return }
      // Its steps are not yet what they will be.
      if isGrowing, steps < Self.mostTrialSteps { return }
      if trialPace > (isExplicit ? Self.gainBack : Self.gain) * pace {
        (isTrial, hasJustDecided, pace, evaluations, suspicions) = (false, true, trialPace, 0, 0)
        if isExplicit { waitImplicit = Self.implicitPatience } else { waitExplicit = Self.patience }
      } else {
        fail(isExplicit: isExplicit)
        verdict = .goBack
      }
      return
    }
    if isExplicit {
      if let product { suspicions = product > Self.product ? suspicions + 1 : max(0, suspicions - 4) }
      if suspicions >= Self.suspicious, evaluations >= waitExplicit { verdict = .tryOther }
    } else if evaluations >= waitImplicit {
      verdict = .tryOther
    }
  }

  /// The other method begins at `t`.
  mutating func change(at t: Double) {
    let isReturn = verdict == .goBack || failed
    (isTrial, steps, evaluations, suspicions, failed) = (!isReturn, 0, 0, 0, false)
    if isTrial { (trialPace, trialBegan, lastTrialStep) = (0, t, 0) }
    verdict = .stay
  }

  private var failed = false

  /// The trial could not go on.
  mutating func fail() {
    failed = true
    waitExplicit *= 4
  }

  private mutating func fail(isExplicit: Bool) {
    if isExplicit { waitImplicit *= 2 } else { waitExplicit *= 4 }
  }

  /// What a restart keeps of it, a trial that goes on included.
  var history: [Double] {
    [
      pace, Double(suspicions), evaluations, waitExplicit, waitImplicit, trialBegan, trialPace, Double(steps),
      isTrial ? 1 : 0, verdict == .stay ? 0 : verdict == .tryOther ? 1 : 2, lastTrialStep,
    ]
  }

  init?(_ history: some Collection<Double>) {
    let h = Array(history)
    guard h.count == Self.historyCount, h.allSatisfy(\.isFinite), let suspicions = Int(exactly: h[1]),
      let steps = Int(exactly: h[7]), h[3] > 0, h[4] > 0, (0...2).contains(h[9])
    else { return nil }
    (pace, self.suspicions, evaluations, waitExplicit, waitImplicit) = (h[0], suspicions, h[2], h[3], h[4])
    (trialBegan, trialPace, self.steps, isTrial) = (h[5], h[6], steps, h[8] == 1)
    verdict = h[9] == 0 ? .stay : h[9] == 1 ? .tryOther : .goBack
    lastTrialStep = h[10]
  }
}
