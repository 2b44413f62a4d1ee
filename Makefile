# make demo   install what is missing, build, integrate, draw (about five minutes from nothing)
# make test   install what is missing, build and run every test
# make docs   the documentation of the library modules, into .build-docs/html
# make bench  the kernels against their bounds, then PhaseFlow beside SciPy, diffrax and torchdiffeq
# make examples  builds and runs every example, and the program in Examples/Embedding that uses PhaseFlow as a library

SWIFT ?= swift
BIN = $(shell $(SWIFT) build -c release --show-bin-path)

.PHONY: demo test examples docs bench bench-kernels build dependencies leak-check format

demo: build
	Scripts/demo.sh "$(BIN)/phaseflow" demo-output

# Tests of numbers want optimised code; -enable-testing lets them see internals all the same.
test: dependencies
	$(SWIFT) test -c release --scratch-path .build-tests -Xswiftc -enable-testing

docs: build
	Scripts/docs.sh "$(BIN)"

EXAMPLES = own-ode own-observer own-activation own-architecture three-layer-slopes lazy-limit lazy-vs-condensed decay-rate comparison

examples: build
	set -e; for name in $(EXAMPLES); do echo "== $$name"; "$(BIN)/example-$$name"; done
	cd Examples/Embedding && $(SWIFT) run -c release

bench: bench-kernels
	Benchmarks/Peers/run.sh --quick

bench-kernels: build
	"$(BIN)/phaseflow-bench"

leak-check:
	Scripts/install-dependencies.sh valgrind
	Scripts/leak-check.sh

build: dependencies
	$(SWIFT) build -c release

dependencies:
	Scripts/install-dependencies.sh

format:
	$(SWIFT) format -i -r Package.swift Sources Plugins Examples Benchmarks Tests
