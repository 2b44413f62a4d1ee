# The part of the diagram's script that does not depend on the results; peers/report.py puts the rest before it.
# panels, title0 .. and plot0 .. (plot elements), keys (legend) are set above.
set encoding utf8
rows = (panels + 1) / 2
columns = panels > 1 ? 2 : 1
height = 420 * rows
width = 480 * columns + 310
do for [format in "svg png"] {
  if (format eq "svg") {
    set terminal svg size width, height font "Helvetica,13" background rgb "white"
  } else {
    set terminal pngcairo size 2 * width, 2 * height font "Helvetica,13" fontscale 2 linewidth 2 pointscale 2
  }
  set output "work-precision.".format
  set multiplot
  set logscale xy
  set format x "10^{%L}"
  set format y "10^{%L}"
  set mxtics 1
  set grid lc rgb "#d0d0d0"
  set xlabel "relative error in RD_w" noenhanced
  set ylabel "seconds"
  do for [i = 0:panels - 1] {
    row = i / columns
    column = i % columns
    left = (480.0 * column + 78) / width
    set lmargin at screen left
    set rmargin at screen (480.0 * column + 470) / width
    set tmargin at screen 1 - (420.0 * row + 38) / height
    set bmargin at screen 1 - (420.0 * row + 350) / height
    set title value(sprintf("title%d", i)) noenhanced font ",12"
    # The more accurate, the further right: up and to the left is worse.
    set xrange [* : *] reverse
    set yrange [* : *]
    eval "plot ".value(sprintf("plot%d", i))
  }
  # The legend, in an empty plot at the right.
  set lmargin at screen (480.0 * columns + 5) / width
  set rmargin at screen 1
  set tmargin at screen 1 - 38.0 / height
  set bmargin at screen 0.02
  unset title; unset xlabel; unset ylabel; unset tics; unset border; unset grid
  unset logscale
  set xrange [0:1] noreverse
  set yrange [0:1]
  set key at screen (480.0 * columns + 8) / width, screen 1 - 38.0 / height left top Left reverse noenhanced samplen 2 font ",12"
  eval "plot ".keys
  unset multiplot
  unset output
  reset
}
