#!/usr/bin/env python3
"""What `auto` costs beside the best of the integrators at equal accuracy: the table of docs/choosing-an-integrator.md.

    swift build -c release --product phaseflow
    python3 Benchmarks/Choice/choice.py [--limit 5] [--width 500] [--only images,tanh] [--out choice.md] [--runs choice.json]

Flows to the loss at which a run ends by default, one thread, in the coordinates that are integrated by default. Every method runs at
a ladder of tolerances; the error is that of the relative distances of `a` and `w` at the end, the larger of the two. `auto` runs at 1e-3, 1e-4 and
1e-6 and is compared with the fastest run of all that is at least as accurate, luck included. Seconds are processor time of the whole
process, so that a busy machine does little harm. Random inputs: d - 1 normal numbers, |x| about 1, and the constant 1 (d = 2: evenly on
[-1, 1]); targets: sin(3 u.x) along a random direction u. Needs nothing but Python 3, and Fashion-MNIST for the images.
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

LADDERS = {
    "kink-aware": ["1e-3", "1e-4", "1e-6", "1e-8"],
    "exponential": ["1e-1", "3e-2", "1e-2", "3e-3", "1e-3", "1e-4", "1e-5"],
    "exponential:method=krogstad": ["1e-3", "1e-4", "1e-5", "1e-6", "1e-8"],
    "dormand-prince": ["1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-8"],
    "bogacki-shampine": ["1e-2", "1e-3", "1e-4", "1e-5"],
    "dop853": ["1e-4", "1e-6", "1e-8", "1e-10"],
    "rkc": ["1e-1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6"],
    "cvode-bdf": ["1e-3", "1e-4", "1e-5", "1e-6", "1e-8"],
    "rodas": ["1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-8"],
}
KINKED = ["kink-aware", "exponential", "dormand-prince", "bogacki-shampine", "rkc", "cvode-bdf"]
SMOOTH = ["exponential", "exponential:method=krogstad", "dormand-prince", "bogacki-shampine", "dop853", "rkc", "cvode-bdf", "rodas"]
# The methods whose tightest run that ends within the long limit is the reference, best first.
REFERENCES = {True: [("kink-aware", "1e-6"), ("dormand-prince", "1e-7"), ("exponential", "1e-5"), ("exponential", "1e-4")],
              False: [("rodas", "1e-9"), ("cvode-bdf", "1e-10"), ("exponential:method=krogstad", "1e-9"), ("dop853", "1e-11")]}
AUTO = ["1e-3", "1e-4", "1e-6"]
SMOOTH_ACTIVATIONS = ("tanh", "softplus", "gelu", "sigmoid")


def problems():
    """Name, data (a file, or n and d of a table to write), activation, loss, gamma."""
    for activation, (d, n), gamma in itertools.product(
            ("relu", "tanh"), ((2, 4), (2, 50), (2, 500), (10, 4), (10, 50), (10, 500), (785, 4), (785, 50)), ("0.5", "1.75")):
        yield f"d = {d}, n = {n}", (n, d), activation, "mse", gamma
    for activation, n, gamma in itertools.product(("relu", "tanh"), (10, 45, 200), ("0.5", "1", "1.75")):
        yield f"images, n = {n}", f"fashion-mnist:{n}", activation, "mse", gamma
    for (activation, loss), gamma in itertools.product(
            (("leaky-relu", "mse"), ("softplus", "mse"), ("relu", "huber"), ("tanh", "log-cosh")), ("0.5", "1.75")):
        yield "images, n = 45", "fashion-mnist:45", activation, loss, gamma


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


def run(program, arguments, integrator, rtol, limit):
    """One run: its processor seconds, return code, distances of `a` and `w`, and what an integrator that picks has picked."""
    def limit_time():
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 1))

    command = [program, "run", "--integrator", integrator, "--rtol", rtol, "--observe", "relative-distance", "--record", "endpoints",
               "--threads", "1", "--json", "--quiet"] + arguments
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=limit_time)
    output = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    result = {"integrator": integrator, "rtol": rtol, "seconds": usage.ru_utime + usage.ru_stime, "code": "limit"}
    if not output:
        result["code"] = "limit" if result["seconds"] >= limit - 0.5 else "refused"
        return result
    summary = json.loads(output)
    distance = summary.get("observers", {}).get("relative-distance", {})
    result.update(code=summary["returnCode"], distances=[distance.get("a"), distance.get("w")], choice=summary.get("integratorChoice", ""))
    if result["code"] not in ("stopped", "stationary", "success"):
        result["distances"] = None
    return result


def error(result, reference):
    if not result.get("distances") or not reference:
        return math.inf
    return max(abs(x / r - 1) for x, r in zip(result["distances"], reference["distances"]))


def measure(options, arguments, activation):
    """All runs of a problem, and the reference."""
    smooth = activation in SMOOTH_ACTIVATIONS
    reference = None
    for integrator, rtol in REFERENCES[not smooth]:
        candidate = run(options.program, arguments, integrator, rtol, 5 * options.limit)
        if candidate.get("distances"):
            reference = candidate
            break
    runs = []
    for integrator in SMOOTH if smooth else KINKED:
        for rtol in LADDERS[integrator]:
            result = run(options.program, arguments, integrator, rtol, options.limit)
            runs.append(result)
            # Tighter takes longer.
            if result["code"] in ("limit", "refused"):
                break
    auto = [run(options.program, arguments, "auto", rtol, 2 * options.limit) for rtol in AUTO]
    return reference, runs, auto


def cell(result, reference, runs):
    """What `auto` took, its error, and how much longer that is than the fastest run that is as accurate, which is named beyond 1.5."""
    mine = error(result, reference)
    pick = result.get("choice", "").split(":")[0]
    if not math.isfinite(mine):
        ended = result.get("distances") is not None
        return f"{pick} {result['seconds']:.2g} s" if ended else f"> {result['seconds']:.0f} s"
    # Its own pick at its own tolerance is one of those that it is compared with.
    best = min((r for r in runs + [result] if error(r, reference) <= mine), key=lambda r: r["seconds"])
    ratio = result["seconds"] / best["seconds"]
    rival = best["integrator"].replace("exponential:method=", "")
    return f"{pick} {result['seconds']:.2g} s, {mine:.0e}, {ratio:.1f}" + (f" ({rival} {best['rtol']})" if ratio > 1.5 else "")


def table(kept):
    """A line for each problem."""
    lines = ["| data | activation, loss | gamma | " + " | ".join(f"auto at {rtol}" for rtol in AUTO) + " |", "|---|---|---|" + "---|" * len(AUTO)]
    for k in kept:
        name, activation, loss, gamma = k["problem"]
        kind = activation if loss == "mse" else f"{activation}, {loss}"
        lines.append(f"| {name} | {kind} | {gamma} | " + " | ".join(cell(a, k["reference"], k["runs"]) for a in k["auto"]) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/phaseflow")
    parser.add_argument("--limit", type=float, default=5, help="seconds of processor time for a run; five times that for a reference, twice for auto")
    parser.add_argument("--width", type=int, default=500)
    parser.add_argument("--only", help="words, one of which a line's name, activation or loss contains")
    parser.add_argument("--out", help="where the table goes")
    parser.add_argument("--runs", help="a file for all runs, as JSON")
    options = parser.parse_args()
    words = options.only.split(",") if options.only else None
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        for name, data, activation, loss, gamma in problems():
            if words and not any(word in f"{name} {activation} {loss}" for word in words):
                continue
            if not isinstance(data, str):
                n, d = data
                data = os.path.join(folder, f"{n}-{d}.csv")
                write_data(data, n, d)
            arguments = ["--data", data, "--width", str(options.width), "--gamma", gamma, "--activation", activation, "--loss", loss]
            reference, runs, auto = measure(options, arguments, activation)
            kept.append({"problem": [name, activation, loss, gamma], "reference": reference, "runs": runs, "auto": auto})
            print(table(kept)[-1], flush=True)
            if options.runs:
                with open(options.runs, "w") as file:
                    json.dump(kept, file, indent=1)
    if options.out:
        with open(options.out, "w") as file:
            file.write("\n".join(table(kept)) + "\n")


if __name__ == "__main__":
    main()
