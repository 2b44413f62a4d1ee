/// When one of two methods is tried in place of the other, and which one stays.
///
/// What is compared is the time covered per evaluation of `f`: that of the method at work, averaged with a fading memory, and that of
/// the trial's last steps, so that a start with short steps does not count.
///
/// A trial of the implicit method is due when steps of 120 evaluations, twenty of Dormand-Prince, in a row have `|h| rho > 1` (Shampine's estimate; its interval of
/// stability ends at 3.3, and at tight tolerances accuracy and stability hold the step together) and ``patience`` evaluations have
/// passed, doubled after a trial that failed. A trial of Dormand-Prince is due after ``patience`` of the implicit method.
struct SwitchingClock {
  enum Verdict {
    case stay
    case tryOther
    case goBack
    /// The pair is to be followed by one for jumps of `f`.
    case chatter
    /// The implicit method is to be followed by one that endures.
    case succeed
  }

  /// An accepted step.
  struct Step {
    let size: Double
    let evaluations: Int
    /// Whether a limit cut it short.
    var lands = false
    /// `|h| rho`, where it was asked for.
    var product: Double?
    /// Steps of the pair with a jump of `f`, since it began, where they were asked for.
    var jumps: Int?
  }

  private static let product = 1.0
  private static let suspicious = 120
  private static let (trialSteps, explicitTrialSteps) = (6, 12)
  /// A trial of the implicit method goes on while its steps grow by so much, from one to the next.
  private static let (growth, mostTrialSteps) = (1.5, 18)
  /// A multistep method begins at order one: its steps are compared over so many.
  private static let multistepStride = 10
  /// Evaluations before the first trial of each kind.
  private static let (patience, implicitPatience) = (100.0, 600.0)
  /// How many times farther per evaluation the other one must get: going back and forth costs restarts.
  private static let (gain, gainBack) = (2.0, 1.2)
  /// The same where the fastest motion oscillates: a pair at its limit of stability adds to it what no error estimate sees.
  private static let (gainOfOscillation, gainBackOfOscillation) = (1.2, 2.0)
  /// Steps of the pair from one look at the jumps to the next, and how many of them with a jump are a sign of chattering: jumps that are apart leave
  /// the pair a few steps to recover.
  private static let (look, chattering) = (64, 32)
  static let historyCount = 15

  private(set) var isTrial = false
  private(set) var verdict = Verdict.stay
  /// Whether the last step ended a trial that the method tried has won.
  private(set) var hasJustDecided = false
  private(set) var trialBegan = 0.0
  /// Time per evaluation of the method at work before the trial, with a fading memory.
  private(set) var pace = 0.0
  private var trialPace = 0.0
  private var lastTrialStep = 0.0
  private var steps = 0
  private var suspicions = 0
  private var evaluations = 0.0
  private var waitExplicit = patience
  private var waitImplicit = implicitPatience
  /// Steps of the implicit method in all.
  private(set) var implicitSteps = 0
  /// Whether the fastest motion has been seen to oscillate.
  private(set) var oscillates = false
  /// Whether the pair has been found chattering.
  private(set) var isChattering = false
  /// The pair's jumps at the last look.
  private var jumpsBefore = 0

  init() {}

  /// Whether an estimate of `|h| rho` is wanted after this step.
  var asksForProduct: Bool { !isTrial && evaluations >= 0.5 * waitExplicit }

  /// Whether the pair's jumps are wanted after this step.
  var asksForJumps: Bool { !isTrial && !isChattering && steps % Self.look == Self.look - 1 }

  /// Takes note of an accepted step.
  mutating func accept(_ step: Step, isExplicit: Bool, _ methods: SwitchingMethods) {
    let (size, count, lands) = (step.size, step.evaluations, step.lands)
    if !isExplicit { implicitSteps += 1 }
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
      let stride = !isExplicit && methods.isMultistep(after: implicitSteps) ? Self.multistepStride : 1
      guard steps % stride == 0 else { return }
      let isGrowing = !isExplicit && !lands && size > Self.growth * lastTrialStep
      lastTrialStep = size
      guard steps >= (isExplicit ? Self.explicitTrialSteps : Self.trialSteps * stride) else { return }
      // Its steps are not yet what they will be.
      if isGrowing, steps < Self.mostTrialSteps * stride { return }
      if trialPace > gain(isExplicit) * pace {
        (isTrial, hasJustDecided, pace, evaluations, suspicions) = (false, true, trialPace, 0, 0)
        if isExplicit { waitImplicit = Self.implicitPatience } else { waitExplicit = Self.patience }
      } else {
        fail(isExplicit: isExplicit)
        verdict = .goBack
      }
      return
    }
    if isExplicit {
      if methods.chatteringPair != nil, let jumps = step.jumps {
        if jumps - jumpsBefore > Self.chattering { verdict = .chatter }
        jumpsBefore = jumps
      }
      if let product = step.product {
        let stages = Int(methods.pair(isChattering: isChattering).stages)
        suspicions = product > Self.product ? suspicions + stages : max(0, suspicions - 4 * stages)
      }
      if suspicions >= Self.suspicious, evaluations >= waitExplicit { verdict = .tryOther }
    } else if implicitSteps == SwitchingMethods.mostSteps, methods.enduring != nil {
      verdict = .succeed
    } else if evaluations >= waitImplicit {
      verdict = .tryOther
    }
  }

  /// A trial of the pair is not worth it.
  mutating func skip() {
    fail(isExplicit: true)
    (verdict, evaluations) = (.stay, 0)
  }

  /// The fastest motion oscillates: of the implicit methods the one that endures is to be taken.
  mutating func endure() { (oscillates, implicitSteps) = (true, SwitchingMethods.mostSteps) }

  private func gain(_ isExplicit: Bool) -> Double {
    oscillates
      ? isExplicit ? Self.gainBackOfOscillation : Self.gainOfOscillation
      : isExplicit ? Self.gainBack : Self.gain
  }

  /// The method at work goes on with other settings.
  mutating func renew() {
    if verdict == .chatter { isChattering = true }
    (verdict, pace, steps, evaluations, jumpsBefore) = (.stay, 0, 0, 0, 0)
  }

  /// The other method begins at `t`.
  mutating func change(at t: Double) {
    let isReturn = verdict == .goBack || failed
    (isTrial, steps, evaluations, suspicions, failed) = (!isReturn, 0, 0, 0, false)
    jumpsBefore = 0
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

  private static let verdicts: [Verdict] = [.stay, .tryOther, .goBack, .chatter, .succeed]

  /// What a restart keeps of it, a trial that goes on included.
  var history: [Double] {
    [
      pace, Double(suspicions), evaluations, waitExplicit, waitImplicit, trialBegan, trialPace, Double(steps),
      isTrial ? 1 : 0, Double(Self.verdicts.firstIndex(of: verdict)!), lastTrialStep, Double(implicitSteps),
      isChattering ? 1 : 0, oscillates ? 1 : 0, Double(jumpsBefore),
    ]
  }

  init?(_ history: some Collection<Double>) {
    let h = Array(history)
    guard h.count == Self.historyCount, h.allSatisfy(\.isFinite), let suspicions = Int(exactly: h[1]),
      let steps = Int(exactly: h[7]), h[3] > 0, h[4] > 0, let which = Int(exactly: h[9]),
      Self.verdicts.indices.contains(which), let implicitSteps = Int(exactly: h[11]),
      let jumpsBefore = Int(exactly: h[14])
    else { return nil }
    (pace, self.suspicions, evaluations, waitExplicit, waitImplicit) = (h[0], suspicions, h[2], h[3], h[4])
    (trialBegan, trialPace, self.steps, isTrial) = (h[5], h[6], steps, h[8] == 1)
    verdict = Self.verdicts[which]
    lastTrialStep = h[10]
    (self.implicitSteps, isChattering, oscillates) = (implicitSteps, h[12] == 1, h[13] == 1)
    self.jumpsBefore = jumpsBefore
  }
}
