// The assembler puts the files into the program: as an array in Swift their 200 kB would take the compiler half a minute.
#include "creport_page.h"

// `files` is on the search path, see Package.swift.
#define EMBED(name, file)                                                                            \
  __asm__(".section .rodata\n"                                                                       \
          "creport_" name "_begin:\n.incbin \"" file "\"\ncreport_" name "_end:\n"                   \
          ".previous\n");

EMBED("page", "page.html")
EMBED("style", "style.css")
EMBED("script", "report.js")
EMBED("library", "chart.min.js")

#define FILE_OF(name)                                                                                \
  extern const char creport_##name##_begin[], creport_##name##_end[];                                \
  creport_file creport_##name(void) {                                                                \
    return (creport_file){creport_##name##_begin,                                                    \
                          (size_t)(creport_##name##_end - creport_##name##_begin)};                  \
  }

FILE_OF(page)
FILE_OF(style)
FILE_OF(script)
FILE_OF(library)
