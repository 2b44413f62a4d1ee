#include "CSweepPage.h"

// #embed is C23; clang has it in every mode and warns of that.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char html[] = {
#embed "assets/page.html"
};
static const unsigned char css[] = {
#embed "assets/page.css"
};
static const unsigned char script[] = {
#embed "assets/page.js"
};
static const unsigned char charts[] = {
#embed "assets/chart.min.js"
};

const csweeppage_file csweeppage_html = {html, sizeof html};
const csweeppage_file csweeppage_css = {css, sizeof css};
const csweeppage_file csweeppage_script = {script, sizeof script};
const csweeppage_file csweeppage_charts = {charts, sizeof charts};
