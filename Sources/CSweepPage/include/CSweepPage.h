#ifndef CSWEEPPAGE_H
#define CSWEEPPAGE_H

#include <stddef.h>

/// A file of the page, compiled into the program, so that the program works wherever it is copied to.
typedef struct csweeppage_file {
  const unsigned char *_Nonnull bytes;
  size_t length;
} csweeppage_file;

/// The frame, with placeholders for the rest.
extern const csweeppage_file csweeppage_html;
extern const csweeppage_file csweeppage_css;
/// What the page does.
extern const csweeppage_file csweeppage_script;
/// Chart.js 3.9.1.
extern const csweeppage_file csweeppage_charts;

#endif
