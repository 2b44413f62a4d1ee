// The assembler puts the files into the program: as an array in Swift their 200 kB would take the compiler half a minute.
#include "creport_page.h"

// `files` is on the search path, see Package.swift.
#ifdef __APPLE__
#define READ_ONLY ".section __TEXT,__const\n"
#define SYMBOL "_creport_"
#define PREVIOUS ".text\n"
#else
#define READ_ONLY ".section .rodata\n"
#define SYMBOL "creport_"
#define PREVIOUS ".previous\n"
#endif
#define EMBED(name, file)                                                                            \
  __asm__(READ_ONLY SYMBOL name "_begin:\n.incbin \"" file "\"\n" SYMBOL name "_end:\n" PREVIOUS);

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
