#!/usr/bin/env python3
"""Which integrator is the fastest where, and what `auto` picks: the table of docs/choosing-an-integrator.md.

    swift build -c release --product phaseflow
    python3 Benchmarks/Choice/choice.py [--limit 10] [--width 500] [--out choice.md]

Flows to a thousandth of the initial risk, rtol 1e-4, one thread; seconds of processor time of the whole process, so that a
busy machine does little harm. A run beyond the limit is shown as "> limit". Inputs: d - 1 normal numbers, |x| about 1, and
the constant 1 (d = 2: evenly on [-1, 1]); targets: sin(3 u.x) along a random direction u. Needs nothing but Python 3.
"""
import argparse
import itertools
import json
import math
import os
import random
import resource
import subprocess
import tempfile

METHODS = {
    "relu": ["kink-aware", "dormand-prince", "bogacki-shampine", "rkc", "cvode-bdf", "exponential"],
    "tanh": ["dormand-prince", "bogacki-shampine", "rkc", "cvode-bdf", "exponential"],
}
# As `auto` runs it: for ReLU with a hundred times the tolerance (ten times up to 32 samples).
VARIANTS = {
    ("relu", "exponential"): lambda n: ["exponential", "--rtol", "1e-3" if n <= 32 else "1e-2"],
}


def write_data(path, n, d):
    """A table of n rows, d - 1 inputs and a target."""
    numbers = random.Random(1000 * n + d)
    width = d - 1
    direction = [numbers.gauss(0, 1) for _ in range(width)]
    length = math.sqrt(sum(u * u for u in direction))
    with open(path, "w") as file:
        file.write(",".join([f"x{j}" for j in range(width)] + ["y"]) + "\n")
        for i in range(n):
            if width == 1:
                x = [-1 + 2 * i / (n - 1)]
            else:
                x = [numbers.gauss(0, 1) / math.sqrt(width) for _ in range(width)]
            along = sum(u * v for u, v in zip(direction, x)) / length * math.sqrt(width)
            file.write(",".join(f"{v:.17g}" for v in x + [math.sin(3 * along)]) + "\n")


def run(program, data, arguments, integrator, limit):
    """Processor seconds, or None beyond the limit; the return code; and what an integrator that picks has picked."""
    def limit_time():
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))

    command = [program, "run", "--data", data, "--integrator", integrator, "--observe", "none", "--record", "endpoints",
               "--no-reduce-dimension", "--threads", "1", "--json", "--quiet"] + arguments
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=limit_time)
    output = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    if not output:
        return None, "limit" if usage.ru_utime + usage.ru_stime >= limit - 0.5 else "refused", ""
    summary = json.loads(output)
    return usage.ru_utime + usage.ru_stime, summary["returnCode"], summary.get("integratorChoice", "")


def cell(result, limit):
    seconds, code, _ = result
    if code in ("refused", "initialFailure"):
        return "-"
    if code == "limit":
        return f"> {limit}"
    return f"{seconds:.2g}" + ({"stopped": "", "stationary": " (rest)"}.get(code, f" ({code})"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/phaseflow")
    parser.add_argument("--limit", type=int, default=10, help="seconds of processor time for one run")
    parser.add_argument("--width", type=int, default=500)
    parser.add_argument("--activations", default="relu,tanh")
    parser.add_argument("--dimensions", default="2,10,785")
    parser.add_argument("--samples", default="4,50,500")
    parser.add_argument("--methods", help="only these")
    parser.add_argument("--gammas", default="0.5,1,1.75")
    parser.add_argument("--out", help="where the table goes; standard output without it")
    options = parser.parse_args()
    numbers = lambda text: [int(word) for word in text.split(",")]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for activation in options.activations.split(","):
            methods = [m for m in METHODS[activation] if not options.methods or m in options.methods.split(",")]
            lines += ["", f"| {activation} d | n | gamma | " + " | ".join(methods) + " | auto picks | loses |",
                      "|" + "---|" * (len(methods) + 5)]
            for d, n in itertools.product(numbers(options.dimensions), numbers(options.samples)):
                data = os.path.join(folder, f"{n}-{d}.csv")
                write_data(data, n, d)
                for gamma in options.gammas.split(","):
                    arguments = ["--width", str(options.width), "--gamma", gamma, "--activation", activation]
                    results = {}
                    for m in methods:
                        name, *more = VARIANTS.get((activation, m), lambda n: [m])(n)
                        results[m] = run(options.program, data, arguments + more, name, options.limit)
                    # The pick alone matters: its method has just been timed.
                    _, _, choice = run(options.program, data, arguments + ["--max-steps", "1"], "auto", options.limit)
                    picked = choice.split(":")[0]
                    good = {m: r[0] for m, r in results.items() if r[1] in ("stopped", "stationary")}
                    best = min(good.values(), default=None)
                    loss = "" if best is None else f"{good[picked] / best:.1f}" if picked in good else f"> {options.limit / best:.0f}"
                    lines.append(f"| {d} | {n} | {gamma} | " + " | ".join(cell(results[m], options.limit) for m in methods)
                                 + f" | {picked} | {loss} |")
                    print(lines[-1], flush=True)
    text = "\n".join(lines).strip() + "\n"
    if options.out:
        with open(options.out, "w") as file:
            file.write(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
