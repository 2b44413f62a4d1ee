#!/bin/sh
# Links what `swift build -c release` has compiled once more, with Swift's runtime inside, into the folder DIR:
#
#   static-link.sh DIR [library] [program]
#
# With PHASEFLOW_RELOCATABLE=1 both look for shared libraries in lib/ beside bin/, before the system's.
#
# DIR/libphaseflow.so and DIR/phaseflow then need Debian's libraries only, and no Swift. SwiftPM's own switch does not reach
# dynamic libraries (it links their runtime dynamically), hence by hand; the compiled files are the same.
set -eu
cd "$(dirname "$0")/.."
SWIFT=${SWIFT:-swift}
out=$1
shift
mkdir -p "$out"
out=$(cd "$out" && pwd)
bin=$($SWIFT build -c release --show-bin-path)
swiftc=$(command -v swiftc)
runtime=$(dirname "$(dirname "$(readlink -f "$swiftc")")")/lib/swift_static/linux
[ -d "$runtime" ] || {
  echo "this Swift has no static runtime: $runtime is missing" >&2
  exit 1
}

# What the modules of the runtime name themselves only where they were compiled against its static form.
libraries="-lCoreFoundation -l_FoundationICU -l_FoundationCShims -l_FoundationCollections -lswift_RegexParser
  -lswift_StringProcessing -lBlocksRuntime -ldispatch -lswiftDispatch -lstdc++ -lopenblas -lsundials_cvodes -lsundials_arkode -lsundials_sunlinsolklu
  -lklu -lamd -lcolamd -lbtf -lsuitesparseconfig"

# ICU's data without most locales, if there is a Python to leave them out: 13 MB less, compressed.
data=""
if command -v python3 >/dev/null && command -v objcopy >/dev/null; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  member=$(ar t "$runtime/lib_FoundationICU.a" | grep packaged_data)
  symbol=$(nm --defined-only "$runtime/lib_FoundationICU.a" 2>/dev/null | sed -n 's/.* R \(icudt[0-9]*_dat\)$/\1/p')
  if [ -n "$member" ] && [ -n "$symbol" ]; then
    (cd "$scratch" && ar x "$runtime/lib_FoundationICU.a" "$member")
    objcopy -O binary --only-section=.rodata "$scratch/$member" "$scratch/whole.dat"
    python3 Scripts/Packaging/icu_subset.py "$scratch/whole.dat" "$scratch/part.dat"
    cat >"$scratch/data.s" <<ASSEMBLER
  .section .rodata
  .globl $symbol
  .balign 16
$symbol:
  .incbin "$scratch/part.dat"
  .section .note.GNU-stack,"",@progbits
ASSEMBLER
    cc -c -o "$scratch/data.o" "$scratch/data.s"
    data="$scratch/data.o"
  fi
fi

program_path=""
library_path=""
if [ "${PHASEFLOW_RELOCATABLE:-}" = 1 ]; then
  # The old kind of path also holds for libraries of libraries.
  program_path='-Xlinker --disable-new-dtags -Xlinker -rpath -Xlinker $ORIGIN/../lib'
  library_path='-Xlinker --disable-new-dtags -Xlinker -rpath -Xlinker $ORIGIN'
fi

# The runtime's own use of mktemp is warned of each time.
quietly() { "$@" 2>&1 | grep -v "use of .mktemp. is dangerous" || true; }

for what in "$@"; do
  case $what in
  library)
    printf '{ global: phaseflow_*; local: *; };\n' >"$out/.exports"
    # shellcheck disable=SC2086 # lists of words
    quietly "$swiftc" -emit-library -static-stdlib -o "$out/libphaseflow.so" \
      "@$bin/PhaseFlowC.product/Objects.LinkFileList" $data $libraries $library_path \
      -Xlinker -soname=libphaseflow.so.0 -Xlinker "--version-script=$out/.exports" -Xlinker --gc-sections
    rm "$out/.exports"
    strip --strip-unneeded "$out/libphaseflow.so"
    ;;
  program)
    # shellcheck disable=SC2086 # lists of words
    quietly "$swiftc" -emit-executable -static-stdlib -o "$out/phaseflow" \
      "@$bin/phaseflow.product/Objects.LinkFileList" $data $libraries $program_path \
      -Xlinker --defsym=main=phaseflow_main -Xlinker --gc-sections
    strip "$out/phaseflow"
    ;;
  *)
    echo "static-link.sh: '$what' is neither library nor program" >&2
    exit 2
    ;;
  esac
done
