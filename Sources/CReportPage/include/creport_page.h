// The files of the page that `phaseflow sweep report` writes, as they lie in `files/`.
#ifndef CREPORT_PAGE_H
#define CREPORT_PAGE_H

#include <stddef.h>

typedef struct {
  const char *_Nonnull bytes;
  size_t count;
} creport_file;

creport_file creport_page(void);     // page.html
creport_file creport_style(void);    // style.css
creport_file creport_script(void);   // report.js
creport_file creport_library(void);  // chart.min.js: Chart.js

#endif
