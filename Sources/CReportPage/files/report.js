'use strict';
// Reads the JSON that the program wrote into the page and draws it with Chart.js.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = (id) => document.getElementById(id);
  // Okabe and Ito's colours, which colour-blind readers can distinguish; for the widths in order. Their last is black.
  const hues = ['#0072B2', '#D55E00', '#E69F00', '#009E73', '#CC79A7', '#56B4E9'];
  const colours = () => [...hues, css('--ink')];
  const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
  const markers = ['circle', 'triangle', 'rect', 'rectRot', 'star'];
  // The parts of the parameters, by name: the weights of two layers, or layers.
  const parts = new Map(data.parts.map((part) => [part.name, part]));
  const state = { part: data.parts[0].name, family: 0, cell: 0, widths: new Set(data.widths), seeds: new Set(data.seeds) };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  // Numbers.

  const minus = (text) => String(text).replaceAll('-', '−');
  const superscript = (text) => minus(text).replace(/./g, (c) => ({ '−': '⁻' })[c] ?? '⁰¹²³⁴⁵⁶⁷⁸⁹'[c]);
  // 0.012 and 5.5e−6, never 0.0000055.
  function digits(value, count = 4) {
    if (value === null || value === undefined) return '–';
    const size = Math.abs(value);
    const isPlain = size === 0 || (size >= 1e-3 && size < 1e6);
    return minus(isPlain ? Number(value.toPrecision(count)) : value.toExponential(count - 1).replace(/\.?0*e\+?/, 'e'));
  }
  const signed = (value) => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(3);

  // Sampled from ColorBrewer's RdBu: red below zero, blue above.
  const palette = data.palette.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  function colour(value, limit) {
    if (value === null) return css('--empty');
    const place = ((Math.max(-1, Math.min(1, value / limit)) + 1) / 2) * (palette.length - 1);
    const low = Math.min(palette.length - 2, Math.floor(place));
    const mix = palette[low].map((c, i) => Math.round(c + (place - low) * (palette[low + 1][i] - c)));
    return `rgb(${mix.join(',')})`;
  }

  // Charts.

  Chart.defaults.font.size = 12;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.color = css('--ink');
  Chart.defaults.borderColor = css('--faint');
  // The address brings back what was selected.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => location.reload());

  function axis(text, type = 'linear', more = {}) {
    const ticks = {
      maxRotation: 0, autoSkipPadding: 12, includeBounds: false,
      callback(...tick) { return minus(Chart.Ticks.formatters.numeric.apply(this, tick)); },
    };
    if (type === 'logarithmic') {
      ticks.callback = (value) => {
        const exponent = Math.log10(value);
        return Math.abs(exponent - Math.round(exponent)) < 1e-9 ? '10' + superscript(Math.round(exponent)) : '';
      };
    }
    return { type, title: { display: true, text }, ticks, ...more };
  }

  // `names`: of the two coordinates, for the values under the pointer.
  function chart(id, x, y, title, names) {
    return new Chart(byId(id), {
      type: 'scatter',
      data: { datasets: [] },
      options: {
        scales: { x, y },
        interaction: { mode: 'nearest', axis: 'xy', intersect: false },
        plugins: {
          legend: { display: false },
          title: { display: true, text: title, padding: 4 },
          tooltip: {
            callbacks: {
              label: ({ dataset, parsed }) =>
                [dataset.label, `${names[0]} = ${digits(parsed.x)}`, `${names[1]} = ${digits(parsed.y)}`],
            },
          },
        },
        elements: { line: { borderWidth: 1.6 } },
      },
    });
  }

  const pi = (value) => {
    const quarters = Math.round(value / (Math.PI / 2));
    return ['−π', '−π/2', '0', 'π/2', 'π'][quarters + 2] ?? '';
  };
  const orientationAxis = data.isAngle
    ? axis('orientation of w (radians)', 'linear', {
        min: -Math.PI, max: Math.PI, ticks: { callback: pi, stepSize: Math.PI / 2 },
      })
    : axis('cosine between w and (1, ..., 1)');
  const charts = {
    loss: chart('loss', axis('time t', 'logarithmic'), axis('loss R', 'logarithmic'), 'Loss', ['t', 'R']),
    distance: chart('distance', axis('time t', 'logarithmic'), axis('RD', 'logarithmic'), 'Relative distance from the start', ['t', 'RD']),
    neurons: chart('neurons', orientationAxis, axis('amplitude |a||w|', 'linear', { min: 0 }), 'Neurons', ['orientation', '|a||w|']),
    fit: chart('fit', axis('x'), axis('f(x)'), 'Learned function', ['x', 'f']),
  };

  // The map.

  function edges(centres) {
    if (centres.length === 1) return [centres[0] - 0.5, centres[0] + 0.5];
    const inner = centres.slice(1).map((c, i) => (c + centres[i]) / 2);
    return [2 * centres[0] - inner[0], ...inner, 2 * centres.at(-1) - inner.at(-1)];
  }
  const [xEdges, yEdges] = [edges(data.gamma), edges(data.gammaPrime)];
  const map = new Chart(byId('map'), {
    type: 'bar',
    data: { datasets: [] },
    options: {
      scales: {
        x: axis('γ', 'linear', { min: xEdges[0], max: xEdges.at(-1), offset: false, grid: { display: false }, stacked: true }),
        y: axis('γ\u200a′', 'linear', { min: yEdges[0], max: yEdges.at(-1), grid: { display: false } }),
      },
      plugins: {
        legend: { display: false },
        // Below the map: a box at the pointer would hide the cells around it.
        tooltip: { enabled: false, filter: (item) => item.dataset.isRow === true, external: ({ tooltip }) => {
          const item = tooltip.opacity > 0 ? tooltip.dataPoints?.[0] : undefined;
          byId('hover').textContent = item ? cellParts(cellIndex(item.datasetIndex, item.dataIndex)).join('') : '';
        } },
      },
      onClick: (event, _, target) => {
        const row = target.getElementsAtEventForMode(event, 'nearest', { intersect: true }, false)
          .find((item) => target.data.datasets[item.datasetIndex].isRow);
        if (row) select(cellIndex(row.datasetIndex, row.index));
      },
    },
  });
  // The rows of cells are the first datasets.
  const cellIndex = (row, column) => row * data.gamma.length + column;
  const phase = () => data.phases[state.family][state.part];

  // Before and after the subscript of S; a canvas has none.
  function cellParts(index) {
    const [column, row] = [index % data.gamma.length, Math.floor(index / data.gamma.length)];
    const exponents = phase();
    const value = exponents?.exponents[index];
    const error = exponents?.errors[index];
    const place = `γ = ${digits(data.gamma[column])}, γ′ = ${digits(data.gammaPrime[row])}: `;
    if (value === null || value === undefined) return [`${place}no S`, ''];
    const mixed = exponents.mixed[index] ? ', some widths rest on a plateau' : '';
    const expected = exponents.expected[index];
    const beside = expected === null ? '' : `, expected ${signed(expected)}`;
    return [`${place}S`, ` = ${signed(value)}` + (error === null ? '' : ` ± ${error.toFixed(3)}`) + beside + mixed];
  }

  function drawMap() {
    const found = phase();
    // Cells are light whatever the page's colours.
    const ink = '#000';
    const values = found?.exponents ?? data.cells[state.family].map(() => null);
    const limit = Math.max(1e-9, ...values.filter((v) => v !== null).map(Math.abs));
    const rows = data.gammaPrime.map((_, j) => ({
      isRow: true,
      order: 2,
      data: data.gamma.map((x, i) => ({ x, y: [yEdges[j], yEdges[j + 1]] })),
      backgroundColor: data.gamma.map((_, i) => colour(values[cellIndex(j, i)], limit)),
      borderColor: ink,
      borderWidth: data.gamma.map((_, i) => (cellIndex(j, i) === state.cell ? 3 : 0)),
      borderSkipped: false,
      // Each column from half way to its neighbours, however far these are.
      barThickness: 'flex',
      barPercentage: 1,
      categoryPercentage: 1,
      minBarLength: 1,
    }));
    const line = {
      type: 'line', order: 1, data: (found?.boundary ?? []).map(([x, y]) => ({ x, y })), borderColor: ink,
      borderDash: [6, 4], borderWidth: 1.5, pointRadius: 0, hitRadius: 0, pointHitRadius: 0,
    };
    const zeros = found?.zeros ?? [];
    const bars = zeros.filter((zero) => zero[2] !== null).map(([x, y, error]) => ({
      type: 'line', order: 1, data: [{ x: x - error, y }, { x: x + error, y }], borderColor: ink, borderWidth: 1,
      pointStyle: 'line', pointRotation: 90, pointRadius: 4, pointBorderWidth: 1, pointHitRadius: 0,
    }));
    // Open, so that they do not hide error bars shorter than themselves.
    const marks = {
      type: 'scatter', order: 0, data: zeros.map(([x, y]) => ({ x, y })), pointStyle: 'rectRot', radius: 6,
      borderColor: ink, borderWidth: 1.2, backgroundColor: 'transparent', pointHitRadius: 0,
    };
    const crosses = {
      type: 'scatter', order: 0, pointStyle: 'crossRot', radius: 4, borderColor: '#555', borderWidth: 1, pointHitRadius: 0,
      data: values.flatMap((_, i) => (found?.mixed[i]
        ? [{ x: data.gamma[i % data.gamma.length], y: data.gammaPrime[Math.floor(i / data.gamma.length)] }] : [])),
    };
    map.data.datasets = [...rows, line, ...bars, marks, crosses];
    map.update();
    byId('scale-bar').style.background = `linear-gradient(to right, ${data.palette.join(',')})`;
    byId('scale-low').textContent = `S = ${digits(-limit, 3)}`;
    byId('scale-high').textContent = digits(limit, 3);
    drawGrid();
  }

  // What the map shows, for those who cannot see it.
  function drawGrid() {
    const id = (index) => `cell-${index}`;
    byId('grid').replaceChildren(...data.gammaPrime.map((_, j) => {
      const row = make('div', { role: 'row' });
      row.append(...data.gamma.map((_, i) => {
        const index = cellIndex(j, i);
        const cell = make('div', { role: 'gridcell', id: id(index), textContent: cellParts(index).join('') });
        cell.ariaSelected = String(index === state.cell);
        return cell;
      }));
      return row;
    }).reverse());
    byId('grid').setAttribute('aria-activedescendant', id(state.cell));
  }

  // The cell.

  const chosen = () => (data.cells[state.family][state.cell] ?? [])
    .filter((run) => state.widths.has(run.width) && state.seeds.has(run.seed));
  const widthColour = (run) => colours()[data.widths.indexOf(run.width) % (hues.length + 1)];
  const nth = (list, run) => list[data.seeds.indexOf(run.seed) % list.length];
  const zip = (x, y) => x.map((value, i) => ({ x: value, y: y[i] })).filter((p) => p.x !== null && p.y !== null);

  function put(name, sets, why) {
    const target = charts[name];
    target.data.datasets = sets;
    const isEmpty = sets.every((set) => set.data.length === 0);
    for (const scale of [target.options.scales.x, target.options.scales.y]) scale.display = !isEmpty;
    target.update();
    byId(name).parentElement.querySelector('.none').textContent = isEmpty ? why : '';
    const ends = sets.filter((set) => set.type === 'line' && set.data.length)
      .map((set) => `${set.label}: from ${digits(set.data[0].y, 3)} to ${digits(set.data.at(-1).y, 3)}`);
    const title = target.options.plugins.title.text;
    byId(name).setAttribute('aria-label', `${title}. ${isEmpty ? why : ends.join('; ') || `${sets.length} runs`}`);
  }

  const line = (run, x, y) => ({
    type: 'line', label: `m = ${run.width}, seed ${run.seed}`, data: zip(x, y), borderColor: widthColour(run),
    borderDash: nth(dashes, run), pointRadius: 0, pointHitRadius: 4,
  });

  // The value of a curve at a time, a straight line on logarithmic axes between its points.
  function at(points, x) {
    const i = Math.max(1, points.findIndex((p) => p.x >= x));
    const [a, b] = [points[i - 1], points[i]];
    const share = b.x > a.x ? Math.log(x / a.x) / Math.log(b.x / a.x) : 0;
    return a.y * (b.y / a.y) ** share;
  }

  // For each width the geometric mean of the selected seeds and a band of one standard deviation of the logarithm, as long as all of
  // them run. `lines` has the curves, each with its run.
  function means(lines) {
    const groups = data.widths.map((width) => lines.filter(({ run, set }) => run.width === width && set.data.length > 1));
    return groups.flatMap((group) => {
      if (group.length < 2) return group.map(({ set }) => set);
      const first = Math.max(...group.map(({ set }) => set.data[0].x));
      const last = Math.min(...group.map(({ set }) => set.data.at(-1).x));
      const rows = 120;
      const moments = Array.from({ length: rows }, (_, i) => {
        const x = i === rows - 1 ? last : first * (last / first) ** (i / (rows - 1));
        const logs = group.map(({ set }) => Math.log(at(set.data, x)));
        const mean = logs.reduce((sum, v) => sum + v, 0) / logs.length;
        const spread = Math.sqrt(logs.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (logs.length - 1));
        return { x, mean, spread };
      });
      const { run } = group[0];
      const edge = (sign, name, more) => ({
        type: 'line', label: `m = ${run.width}, ${name}`, pointRadius: 0, pointHitRadius: 4, borderColor: widthColour(run),
        data: moments.map(({ x, mean, spread }) => ({ x, y: Math.exp(mean + sign * spread) })), ...more,
      });
      return [
        edge(0, `mean of ${group.length} seeds`, {}),
        edge(-1, 'one standard deviation below the mean', { borderWidth: 0 }),
        edge(1, 'one standard deviation above the mean', { borderWidth: 0, fill: '-1', backgroundColor: widthColour(run) + '38' }),
      ];
    });
  }

  // On logarithmic axes.
  const positive = (set) => ({ ...set, data: set.data.filter((p) => p.x > 0 && p.y > 0) });

  function scatter(run, moment, alpha) {
    const neurons = run[moment];
    return {
      label: `m = ${run.width}, seed ${run.seed}, ${neurons.orientation.length} of ${neurons.total} neurons`,
      data: zip(neurons.orientation, neurons.amplitude), pointStyle: nth(markers, run), radius: 2,
      borderColor: widthColour(run) + alpha, backgroundColor: widthColour(run) + alpha,
    };
  }

  function drawCell() {
    const runs = chosen();
    const curves = runs.filter((run) => run.curve);
    const distance = parts.get(state.part).curve;
    const kept = (what) => runs.length ? `the sweep kept no ${what} here` : 'no run is chosen';
    const shown = (runs, value) => {
      const lines = runs.map((run) => ({ run, set: positive(line(run, run.curve.time, value(run.curve))) }));
      return byId('mean').checked ? means(lines) : lines.map(({ set }) => set);
    };
    put('loss', shown(curves, (curve) => curve.loss), kept('curves'));
    charts.distance.options.scales.y.title.text = `RD of ${parts.get(state.part).symbol}`;
    put('distance', shown(curves.filter((run) => run.curve[distance]), (curve) => curve[distance]), kept('distances'));
    byId('mean-hint').hidden = !byId('mean').checked;
    const start = byId('initial').checked ? runs.filter((run) => run.initial).map((run) => scatter(run, 'initial', '40')) : [];
    put('neurons', [...runs.filter((run) => run.final).map((run) => scatter(run, 'final', 'B0')), ...start],
      kept('neurons'));
    const points = data.points && {
      label: 'data', data: zip(data.points.x, data.points.y), radius: 5, backgroundColor: css('--ink'), borderColor: css('--paper'),
    };
    const fits = runs.filter((run) => run.fit).map((run) => line(run, data.fitX, run.fit));
    put('fit', points && fits.length ? [points, ...fits] : fits, kept('fits'));
    const [before, after] = cellParts(state.cell);
    const part = make('sub', { textContent: parts.get(state.part).symbol });
    byId('cell').replaceChildren(before, part, after);
    drawTable(runs);
  }

  function drawTable(runs) {
    const body = byId('runs').tBodies[0];
    body.replaceChildren(...runs.map((run) => {
      const row = document.createElement('tr');
      const values = [run.id, run.width, run.seed, run.ended, ...run.distances.map((d) => digits(d)), digits(run.loss, 3)];
      row.append(...values.map((value) => make('td', { textContent: value })));
      row.append(make('td', {}));
      row.lastChild.append(copyButton(run));
      return row;
    }));
  }

  function copyButton(run) {
    const button = make('button', { type: 'button', textContent: 'copy', title: run.command });
    button.ariaLabel = `Copy the command of run ${run.id}: ${run.command}`;
    button.addEventListener('click', async () => {
      let isCopied = true;
      try {
        await navigator.clipboard.writeText(run.command);
      } catch {
        // A page that is opened as a file may have no clipboard: select the text for Ctrl-C instead.
        isCopied = false;
        const shown = make('code', { textContent: run.command });
        button.replaceWith(shown);
        getSelection().selectAllChildren(shown);
      }
      if (isCopied) {
        button.textContent = 'copied';
        setTimeout(() => { button.textContent = 'copy'; }, 1500);
      }
    });
    return button;
  }

  function draw() {
    drawMap();
    drawCell();
    remember();
  }

  function select(index) {
    state.cell = index;
    draw();
  }

  // The address keeps what is selected, so that a link leads to it.

  function remember() {
    const address = new URLSearchParams({
      S: state.part, gamma: data.gamma[state.cell % data.gamma.length],
      'gamma-prime': data.gammaPrime[Math.floor(state.cell / data.gamma.length)],
    });
    if (data.families.length > 1) address.set('family', data.families[state.family]);
    for (const [key, all] of [['widths', data.widths], ['seeds', data.seeds]]) {
      if (state[key].size < all.length) address.set(key, [...state[key]].join(','));
    }
    if (byId('mean').checked) address.set('mean', 'yes');
    history.replaceState(null, '', `#${address}`);
  }

  function recall() {
    const address = new URLSearchParams(location.hash.slice(1));
    if (data.phases.some((family) => family[address.get('S')])) state.part = address.get('S');
    state.family = Math.max(0, data.families.indexOf(address.get('family')));
    const [column, row] = [data.gamma.indexOf(Number(address.get('gamma') ?? NaN)),
      data.gammaPrime.indexOf(Number(address.get('gamma-prime') ?? NaN))];
    // Else the first cell with runs.
    state.cell = column >= 0 && row >= 0 ? cellIndex(row, column)
      : Math.max(0, data.cells[state.family].findIndex((runs) => runs.length));
    for (const [key, all] of [['widths', data.widths], ['seeds', data.seeds]]) {
      const chosen = address.get(key)?.split(',').map(Number);
      state[key] = new Set(chosen ? all.filter((value) => chosen.includes(value)) : all);
      for (const box of byId(key).querySelectorAll('input')) box.checked = state[key].has(Number(box.value));
    }
    byId('mean').checked = data.seeds.length > 1 && address.get('mean') === 'yes';
    byId('part').value = state.part;
    byId('family').value = state.family;
  }

  // Controls.

  function options(id, entries, change) {
    byId(id).replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
    byId(id).addEventListener('change', () => { change(byId(id).value); draw(); });
  }

  function boxes(id, name, spoken, values, swatch) {
    byId(id).append(`${name} `, ...values.map((value, i) => {
      const box = make('input', { type: 'checkbox', checked: true, value, ariaLabel: `${spoken} ${value}` });
      box.addEventListener('change', () => {
        box.checked ? state[id].add(value) : state[id].delete(value);
        draw();
      });
      const label = document.createElement('label');
      label.append(box);
      if (swatch) {
        const mark = make('span', { className: 'swatch' });
        mark.style.background = colours()[i % (hues.length + 1)];
        label.append(mark);
      }
      label.append(String(value));
      return label;
    }));
  }

  document.title = data.title;
  byId('title').textContent = data.title;
  byId('about').textContent = data.about;
  const measured = data.parts.filter((part) => data.phases.some((family) => family[part.name]));
  const offered = measured.length ? measured : data.parts;
  state.part = offered[0].name;
  options('part', offered.map((part) => [part.name, part.label]), (part) => { state.part = part; });
  byId('first-distance').replaceWith(...data.parts.map((part) => {
    const head = make('th', { textContent: 'RD' });
    head.append(make('sub', { textContent: part.symbol }));
    return head;
  }));
  options('family', data.families.map((name, i) => [i, name]), (i) => { state.family = Number(i); });
  byId('family-label').hidden = data.families.length < 2;
  boxes('widths', 'm', 'width', data.widths, true);
  boxes('seeds', 'seed', 'seed', data.seeds, false);
  for (const id of ['seeds', 'mean-label']) byId(id).hidden = data.seeds.length < 2;
  byId('mean').addEventListener('change', draw);
  byId('initial').addEventListener('change', drawCell);
  document.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step || /INPUT|SELECT/.test(event.target.tagName)) return;
    const [columns, rows] = [data.gamma.length, data.gammaPrime.length];
    const column = Math.max(0, Math.min(columns - 1, (state.cell % columns) + step[0]));
    const row = Math.max(0, Math.min(rows - 1, Math.floor(state.cell / columns) + step[1]));
    event.preventDefault();
    select(cellIndex(row, column));
  });
  addEventListener('hashchange', () => { recall(); draw(); });

  recall();
  draw();
})();
