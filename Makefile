# make demo   install what is missing, build, integrate, draw (about five minutes from nothing)
# make test   install what is missing, build and run every test
# make docs   the documentation of the library modules, into .build-docs/html
# make bench  the kernels against their bounds, then PhaseFlow beside SciPy, diffrax and torchdiffeq
# make wheel  a Python wheel with all that it needs inside, in Bindings/Python/dist
# make install PREFIX=DIR  program, library, header, manual pages, completions; no Swift is needed to run them
# make deb    a Debian package, in dist; make tarball: an archive that runs from wherever it is unpacked
# make fuzz SECONDS=600     mutated inputs for everything that reads; findings, made small, in .build-fuzz/findings
# make fuzz-coverage TARGET=run-yaml SECONDS=600   the same for one reader by libFuzzer, which looks for new code
# make sanitize  the C code and what calls it under the address and undefined-behaviour sanitizers
# make kills COUNT=100      kills runs and sweeps at random instants, resumes them and compares the bytes
# make examples  builds and runs every example, and the program in Examples/Embedding that uses PhaseFlow as a library

SWIFT ?= swift
BIN = $(shell $(SWIFT) build -c release --show-bin-path)

PREFIX ?= /usr/local

.PHONY: wheel install deb tarball static fuzz fuzz-coverage sanitize kills
.PHONY: demo test examples docs bench bench-kernels bench-systems build dependencies leak-check format

demo: build
	Scripts/demo.sh "$(BIN)/phaseflow" demo-output

# Tests of numbers want optimised code; -enable-testing lets them see internals all the same.
test: dependencies
	$(SWIFT) test -c release --scratch-path .build-tests -Xswiftc -enable-testing

docs: build
	Scripts/docs.sh "$(BIN)"

EXAMPLES = own-ode own-observer own-activation own-architecture own-dynamics three-layer-slopes lazy-limit lazy-vs-condensed decay-rate comparison

examples: build
	set -e; for name in $(EXAMPLES); do echo "== $$name"; "$(BIN)/example-$$name"; done
	cd Examples/Embedding && $(SWIFT) run -c release

bench: bench-kernels
	Benchmarks/Peers/run.sh --quick

# Work-precision of every integrator on the built-in test problems, beside SciPy and, where it is installed, diffrax.
bench-systems: build
	python3 Benchmarks/Systems/systems.py --phaseflow "$(BIN)/phaseflow" --out bench-output/systems

bench-kernels: build
	"$(BIN)/phaseflow-bench"

wheel: build
	Scripts/wheel.sh

static: build
	Scripts/static-link.sh .build/static library program

install: static
	PREFIX="$(PREFIX)" Scripts/install.sh .build/static

deb: static
	Scripts/deb.sh .build/static dist

tarball: build
	Scripts/tarball.sh dist

leak-check:
	Scripts/install-dependencies.sh valgrind
	Scripts/leak-check.sh

SECONDS ?= 600
SEED ?= $(shell date +%s)
COUNT ?= 100
TARGET ?= run-yaml

fuzz: dependencies
	$(SWIFT) build -c release --product phaseflow-fuzz
	"$(BIN)/phaseflow-fuzz" --seconds $(SECONDS) --seed $(SEED)

fuzz-coverage: dependencies
	Scripts/fuzz-coverage.sh $(TARGET) $(SECONDS)

sanitize: dependencies
	Scripts/sanitize.sh

kills: build
	Scripts/kills.sh "$(BIN)/phaseflow" $(COUNT)

build: dependencies
	$(SWIFT) build -c release

dependencies:
	Scripts/install-dependencies.sh

format:
	$(SWIFT) format -i -r Package.swift Sources Plugins Examples Benchmarks Tests
