"use strict";
// The page of a sweep: a map of its cells, and the runs of the chosen one. Chart.js draws.
(() => {
  const sweep = JSON.parse(document.getElementById("sweep").textContent);
  const element = (id) => document.getElementById(id);

  // Okabe and Ito's colours; ColorBrewer's RdBu from low to high.
  const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
  const diverging = ["#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d", "#b2182b"];
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
  const part = { w: "θ_w", a: "θ_a", theta: "θ" };

  const state = { quantity: 0, line: 0, cell: null, widths: new Set(), seeds: new Set() };

  // ---- numbers and text

  const digits = (value, n = 3) => (value === null || value === undefined ? "–" : Number(value).toPrecision(n));

  function powerOfTen(value) {
    const exponent = Math.round(Math.log10(value));
    if (Math.abs(Math.log10(value) - exponent) > 1e-6) return "";
    if (exponent >= -1 && exponent <= 3) return String(10 ** exponent);
    return "10" + String(exponent).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
  }

  function mix(a, b, share) {
    const channels = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
    const [from, to] = [channels(a), channels(b)];
    return "rgb(" + from.map((c, i) => Math.round(c + (to[i] - c) * share)).join(",") + ")";
  }

  /** Colour of a value between -limit and limit. */
  function shade(value, limit) {
    const place = ((Math.max(-1, Math.min(1, value / limit)) + 1) / 2) * (diverging.length - 1);
    const low = Math.min(Math.floor(place), diverging.length - 2);
    return mix(diverging[low], diverging[low + 1], place - low);
  }

  // ---- charts

  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.plugins.legend.display = false;
  Chart.defaults.elements.point.radius = 0;
  Chart.defaults.elements.point.hitRadius = 4;

  const axis = (title, log = false, more = {}) => ({
    type: log ? "logarithmic" : "linear",
    title: { display: true, text: title },
    ticks: log ? { callback: powerOfTen, autoSkip: true, maxRotation: 0 } : { maxRotation: 0 },
    ...more,
  });

  const chart = (id, x, y, options = {}) =>
    new Chart(element(id), { type: "scatter", data: { datasets: [] }, options: { scales: { x, y }, ...options } });

  const map = chart("map", axis("γ"), axis("γ′"), {
    interaction: { mode: "nearest", intersect: false },
    onClick: (event) => choose(map.getElementsAtEventForMode(event, "nearest", { intersect: false }, true)),
    plugins: {
      tooltip: {
        filter: (item) => item.dataset.isCells,
        callbacks: { label: (item) => describe(cells()[item.dataIndex]) },
      },
    },
  });
  const loss = chart("loss", axis("time t", true), axis("R", true));
  const distance = chart("distance", axis("time t", true), axis("RD", true));
  const scaling = chart("scaling", axis("m", true), axis("RD", true));
  const fit = chart("fit", axis("x"), axis("f(x)"));
  const piTicks = {
    min: -Math.PI,
    max: Math.PI,
    ticks: { stepSize: Math.PI / 2, callback: (v) => ["−π", "−π/2", "0", "π/2", "π"][Math.round(v / (Math.PI / 2)) + 2] },
  };
  const neurons = chart(
    "neurons",
    sweep.orientation === "angle" ? axis("angle of w", false, piTicks) : axis("ŵ · 1/√d"),
    axis("amplitude A = |a||w|", true),
  );

  function show(target, datasets, nothing) {
    target.data.datasets = datasets;
    target.update();
    const box = target.canvas.parentElement;
    box.classList.toggle("none", datasets.length === 0);
    box.dataset.none = nothing;
  }

  // ---- the map

  const quantity = () => sweep.quantities[state.quantity];
  const cells = () => quantity().cells.filter((c) => c.line === state.line);
  const smallestGap = (values) => {
    const sorted = [...new Set(values)].sort((a, b) => a - b);
    return Math.min(...sorted.slice(1).map((v, i) => v - sorted[i]), Infinity);
  };

  function describe(cell) {
    const error = cell.error === null ? "" : ` ± ${digits(cell.error, 2)}`;
    return `γ = ${cell.gamma}, γ′ = ${cell.gammaPrime}: ${quantity().label} = ${digits(cell.value)}${error}`;
  }

  /** Half the diagonal of the largest square that fits between neighbouring cells, in pixels. */
  function cellRadius(context, shown, gaps) {
    const { x, y } = context.chart.scales;
    const across = gaps.x < Infinity ? Math.abs(x.getPixelForValue(gaps.x) - x.getPixelForValue(0)) : 40;
    const up = gaps.y < Infinity ? Math.abs(y.getPixelForValue(gaps.y) - y.getPixelForValue(0)) : 40;
    return (Math.min(across, up, 60) / 2) * Math.SQRT2 * 0.97;
  }

  function drawMap() {
    const shown = cells();
    const limit = quantity().limit;
    const gaps = { x: smallestGap(shown.map((c) => c.gamma)), y: smallestGap(shown.map((c) => c.gammaPrime)) };
    const margin = (gap) => (gap < Infinity ? gap * 0.6 : 0.1);
    const bounds = (values, gap) => ({ min: Math.min(...values) - margin(gap), max: Math.max(...values) + margin(gap) });
    Object.assign(map.options.scales.x, bounds(shown.map((c) => c.gamma), gaps.x));
    Object.assign(map.options.scales.y, bounds(shown.map((c) => c.gammaPrime), gaps.y));
    const radius = (context) => cellRadius(context, shown, gaps);
    const chosen = (c) => state.cell && c.gamma === state.cell.gamma && c.gammaPrime === state.cell.gammaPrime;
    show(map, [
      {
        data: quantity().boundary.filter((b) => b.line === state.line).map((b) => ({ x: b.gamma, y: b.gammaPrime })),
        pointStyle: "star", radius: 6, borderColor: "#000", borderWidth: 2,
      },
      { data: quantity().theory.map(([x, y]) => ({ x, y })), showLine: true, borderColor: "#000", borderWidth: 2 },
      {
        isCells: true,
        data: shown.map((c) => ({ x: c.gamma, y: c.gammaPrime })),
        pointStyle: "rect", radius, hoverRadius: radius,
        backgroundColor: shown.map((c) => (c.value === null ? "#fff" : shade(c.value - quantity().centre, limit))),
        borderColor: shown.map((c) => (chosen(c) ? "#000" : "#ccc")),
        borderWidth: shown.map((c) => (chosen(c) ? 3 : 0.5)),
      },
    ], "no cells");
    const [low, bar, high] = element("scale").children;
    low.textContent = digits(quantity().centre - limit, 2);
    high.textContent = digits(quantity().centre + limit, 2);
    bar.style.background = `linear-gradient(to right, ${diverging.join(",")})`;
  }

  function choose(items) {
    const item = items.find((i) => map.data.datasets[i.datasetIndex].isCells);
    if (item) select(cells()[item.index]);
  }

  function select(cell) {
    state.cell = cell;
    drawMap();
    drawCell();
  }

  // ---- the cell

  const runsOfCell = () =>
    sweep.runs.filter(
      (r) => r.line === state.line && r.gamma === state.cell.gamma && r.gammaPrime === state.cell.gammaPrime,
    );
  const colour = (run) => palette[sweep.widths.indexOf(run.width) % palette.length];
  const dash = (run) => dashes[sweep.seeds.indexOf(run.seed) % dashes.length];
  const curve = (run, x, y, more = {}) => ({
    label: `m = ${run.width}, seed ${run.seed}`,
    data: x.map((v, i) => ({ x: v, y: y[i] })),
    showLine: true, borderColor: colour(run), borderDash: dash(run), borderWidth: 1.8, ...more,
  });

  function drawCell() {
    const all = runsOfCell();
    const shown = all.filter((r) => state.widths.has(r.width) && state.seeds.has(r.seed));
    const { id } = quantity();
    const name = part[id] ?? part.w;
    const key = part[id] ? id : "w";
    element("cell-title").textContent = `γ = ${state.cell.gamma}, γ′ = ${state.cell.gammaPrime}`;
    element("cell-text").textContent = describe(state.cell) + (state.cell.regime ? `; ${state.cell.regime}` : "");
    element("distance-caption").textContent = `Relative distance of ${name} over time`;
    element("scaling-caption").textContent = `Relative distance of ${name} against width`;

    const positive = (run, values) => run.curve.time.map((t, i) => (t > 0 && values[i] > 0 ? values[i] : null));
    const recorded = shown.filter((r) => r.curve);
    const unkept = "not kept in this sweep";
    show(loss, recorded.map((r) => curve(r, r.curve.time, positive(r, r.curve.loss))), unkept);
    const distances = recorded.filter((r) => r.curve[key]);
    show(distance, distances.map((r) => curve(r, r.curve.time, positive(r, r.curve[key]))), unkept);
    drawScaling(all, key);
    drawFit(shown.filter((r) => r.fit), unkept);
    drawNeurons(shown.filter((r) => r.after), unkept);
    drawTable(all);
  }

  function drawScaling(all, key) {
    const points = all.filter((r) => r.rd[key] > 0).map((r) => ({ x: r.width, y: r.rd[key] }));
    const datasets = [{ data: points, radius: 4, backgroundColor: palette[0] }];
    const line = sweep.quantities.find((q) => q.id === key)?.cells.find(
      (c) => c.line === state.line && c.gamma === state.cell.gamma && c.gammaPrime === state.cell.gammaPrime,
    );
    if (line && line.prefactor) {
      const ends = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
      datasets.push({
        label: `slope ${digits(line.value)}`,
        data: ends.map((m) => ({ x: m, y: line.prefactor * m ** line.value })),
        showLine: true, borderColor: "#777", borderDash: [6, 4], borderWidth: 1.5,
      });
    }
    show(scaling, points.length ? datasets : [], "no finished run");
  }

  function drawFit(shown, unkept) {
    const datasets = shown.map((r) => curve(r, r.fit.x, r.fit.f));
    if (sweep.data && datasets.length) {
      datasets.unshift({
        label: "data", data: sweep.data.x.map((x, i) => ({ x, y: sweep.data.y[i] })), radius: 5, backgroundColor: "#000",
      });
    }
    show(fit, datasets, unkept);
  }

  function drawNeurons(shown, unkept) {
    const cloud = (neurons, style) => ({
      data: neurons.orientation.map((x, i) => ({ x, y: neurons.amplitude[i] > 0 ? neurons.amplitude[i] : null })),
      ...style,
    });
    // Wide networks first in the list, so that narrow ones lie under them, as in the paper.
    const order = [...shown].sort((a, b) => b.width - a.width);
    const datasets = order.map((r) =>
      cloud(r.after, { label: `m = ${r.width}, final`, radius: 2, backgroundColor: colour(r) }),
    );
    const first = order[order.length - 1];
    if (first?.before) {
      datasets.push(cloud(first.before, { label: `m = ${first.width}, initial`, radius: 2, backgroundColor: "#c8c8c8" }));
    }
    show(neurons, datasets, unkept);
  }

  function drawTable(all) {
    const head = ["run", "m", "seed", "return code", "t", "R", "RD_w", "RD_a", "RD_θ", "sup RD_w", "steps"];
    const row = (texts, tag) => {
      const tr = document.createElement("tr");
      for (const text of texts) tr.appendChild(document.createElement(tag)).textContent = text;
      return tr;
    };
    element("runs").replaceChildren(
      row(head, "th"),
      ...all.map((r) =>
        row([r.id, r.width, r.seed, r.returnCode, digits(r.time), digits(r.loss), digits(r.rd.w, 5), digits(r.rd.a, 5),
          digits(r.rd.theta, 5), digits(r.sup.w, 5), r.accepted ?? "–"], "td"),
      ),
    );
  }

  // ---- controls

  function options(id, names, key) {
    const menu = element(id);
    names.forEach((name, i) => menu.add(new Option(name, i)));
    menu.onchange = () => {
      state[key] = Number(menu.value);
      const same = (c) => c.gamma === state.cell?.gamma && c.gammaPrime === state.cell?.gammaPrime;
      select(cells().find(same) ?? cells()[0]);
    };
  }

  function checkboxes(id, values, chosen, swatch) {
    for (const value of values) {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: chosen.has(value), value });
      box.onchange = () => {
        if (box.checked) chosen.add(value);
        else chosen.delete(value);
        drawCell();
      };
      label.append(box, " ");
      if (swatch) label.append(Object.assign(document.createElement("i"), { style: `background:${swatch(value)}` }));
      label.append(String(value));
      element(id).append(label);
    }
  }

  /** The nearest cell in a direction of the map. */
  function neighbour(dx, dy) {
    const { gamma, gammaPrime } = state.cell;
    const ahead = cells().filter((c) =>
      dx ? c.gammaPrime === gammaPrime && (c.gamma - gamma) * dx > 0 : c.gamma === gamma && (c.gammaPrime - gammaPrime) * dy > 0,
    );
    const far = (c) => Math.abs(c.gamma - gamma) + Math.abs(c.gammaPrime - gammaPrime);
    return ahead.sort((a, b) => far(a) - far(b))[0];
  }

  element("map").addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const next = step && neighbour(...step);
    if (step) event.preventDefault();
    if (next) select(next);
  });

  element("subtitle").textContent = sweep.subtitle;
  options("quantity", sweep.quantities.map((q) => q.label), "quantity");
  options("line", sweep.lines, "line");
  element("line-label").hidden = sweep.lines.length < 2;
  state.widths = new Set(sweep.widths);
  state.seeds = new Set(sweep.seeds.slice(0, 1));
  checkboxes("widths", sweep.widths, state.widths, (width) => palette[sweep.widths.indexOf(width) % palette.length]);
  checkboxes("seeds", sweep.seeds, state.seeds);
  if (cells().length) select(cells()[Math.floor(cells().length / 2)]);
})();
