// Tiles, charts and tables that are fed with the newest values only. The first message of a page run brings
// everything, the following ones the newest buckets and what differs from the first; buckets are numbered from
// 1970, so nothing is drawn twice.
const HEIGHT = 150;
const PAD = { left: 46, right: 10, top: 8, bottom: 20 };

export class Board {
  constructor(host) {
    this.root = host.querySelector('.board') || host;
    this.series = {};
    this.charts = [];
    this.hover = null;
    this.drag = null;
    this.selection = null;
    this.sizes = new ResizeObserver(() => this.draw());
    this.scheduled = 0;
  }

  take(data, setStateValue) {
    this.select = (range) => setStateValue('selection', range);
    if (data.whole) this.begin(data);
    this.merge(data);
    const events = data.whole ? data.events : this.whole.events.concat(data.events);
    this.events = events.map(([at, text]) => ({ at, text })).filter(({ at }) => at >= this.begins());
    this.selection = data.selection;
    this.fillTiles(data.tiles.map((tile, number) => ({ ...this.whole.tiles[number], ...tile })));
    this.fillTables(data.tables.map((table, number) => ({ ...this.whole.tables[number], ...table })));
    this.fillEvents();
    this.note.textContent = data.note;
    this.clear.hidden = !data.selection;
    this.asOf = data.now;
    this.draw();
    return () => this.rest();
  }

  rest() {
    this.sizes.disconnect();
    if (this.frame) this.charts.forEach((chart) => this.sizes.observe(chart.canvas));
  }

  // ---- a whole message: build what is there to stay -------------------------------------------------------

  begin(data) {
    this.whole = data;
    this.frame = { width: data.width, num: Math.round(data.window / data.width) };
    this.words = data.words;
    this.first = null;
    this.series = {};
    this.root.replaceChildren();
    add(this.root, 'style', '', data.style);
    this.formats = formatsOf(data.locale);
    this.look = this.lookUp();
    this.tiles = add(this.root, 'div', 'tiles');
    const bar = add(this.root, 'div', 'bar');
    this.note = add(bar, 'span', 'note');
    this.clear = add(bar, 'button', 'clear', this.words.clear);
    this.clear.type = 'button';
    this.clear.onclick = () => this.choose(null);
    const grid = add(this.root, 'div', 'charts');
    this.sizes.disconnect();
    this.charts = data.charts.map((config) => this.addChart(grid, config));
    this.marks = add(this.root, 'ul', 'marks');
    this.tables = add(this.root, 'div', 'tables');
  }

  addChart(grid, config) {
    const box = add(grid, 'section', 'chart');
    const head = add(box, 'header');
    add(head, 'h3', '', config.title);
    if (config.help) explain(head, config.help);
    add(head, 'span', 'unit', config.unit);
    const canvas = add(box, 'canvas');
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'img');
    const legend = add(box, 'div', 'legend');
    const values = {};
    config.series.forEach((line) => {
      const item = add(legend, 'span', 'line');
      const swatch = add(item, 'i', line.dash ? 'dash' : '');
      swatch.style.setProperty('--swatch', this.ink(line.colour));
      add(item, 'span', '', line.label);
      values[line.name] = add(item, 'b');
    });
    const chart = { config, canvas, values, box };
    this.addTable(box, chart);
    canvas.onpointermove = (event) => this.pointAt(chart, event);
    canvas.onpointerleave = () => { if (!this.drag) { this.hover = null; this.draw(); } };
    canvas.onpointerdown = (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.drag = { from: this.timeAt(chart, event), to: null };
    };
    canvas.onpointerup = () => this.drop();
    canvas.onpointercancel = () => { this.drag = null; this.draw(); };
    canvas.onkeydown = (event) => this.key(event);
    canvas.onblur = () => { this.hover = null; this.draw(); };
    this.sizes.observe(canvas);
    return chart;
  }

  addTable(box, chart) {
    const more = add(box, 'details');
    add(more, 'summary', '', this.words.table);
    const scroll = addScroll(more, chart.config.title);
    more.ontoggle = () => { chart.table = more.open ? scroll : null; this.draw(); };
  }

  // ---- every message ---------------------------------------------------------------------------------------

  merge(data) {
    const num = this.frame.num;
    if (this.first === null || data.first > this.last + 1) {
      this.first = data.first;
      this.last = data.first - 1;
      this.series = {};
    }
    const end = data.first + data.num - 1;
    this.whole.names.forEach((name, number) => {
      const kept = (this.series[name] || []).slice(0, data.first - this.first);
      while (kept.length < data.first - this.first) kept.push(null);
      this.series[name] = kept.concat(data.series[number]);
    });
    this.last = Math.max(this.last, end);
    const excess = this.last - num + 1 - this.first;
    if (excess > 0) {
      Object.values(this.series).forEach((values) => values.splice(0, excess));
      this.first += excess;
    }
  }

  fillTiles(tiles) {
    if (this.tiles.childElementCount !== tiles.length) {
      this.tiles.replaceChildren(...tiles.map((tile) => {
        const box = document.createElement('div');
        box.className = 'tile';
        const head = add(box, 'header');
        add(head, 'span', 'label', tile.label);
        explain(head, tile.help);
        add(box, 'strong');
        add(box, 'small');
        return box;
      }));
    }
    tiles.forEach((tile, number) => {
      const box = this.tiles.children[number];
      say(box.querySelector('.why'), tile.help);
      write(box.querySelector('strong'), tile.value);
      write(box.querySelector('small'), tile.note);
      box.dataset.tone = tile.tone || '';
    });
  }

  fillTables(tables) {
    if (this.tables.childElementCount !== tables.length) {
      this.tables.replaceChildren(...tables.map((table) => {
        const box = document.createElement('section');
        const head = add(box, 'header');
        add(head, 'h3', '', table.title);
        if (table.help) explain(head, table.help);
        add(addScroll(box, table.title), 'table');
        return box;
      }));
    }
    tables.forEach((table, number) => {
      const box = this.tables.children[number];
      const text = JSON.stringify(table);
      if (box.dataset.text === text) return;
      box.dataset.text = text;
      const body = box.querySelector('table');
      body.replaceChildren();
      const head = add(add(body, 'thead'), 'tr');
      table.head.forEach((words, column) => add(head, 'th', column ? 'figure' : '', words).scope = 'col');
      const rows = add(body, 'tbody');
      table.rows.forEach((cells) => {
        const row = add(rows, 'tr');
        cells.forEach((cell, column) => {
          if (column) { add(row, 'td', 'figure', cell); return; }
          const name = add(row, 'th', '', cell.text ?? cell);
          name.scope = 'row';
          if (cell.colour) {
            const swatch = document.createElement('i');
            swatch.style.setProperty('--swatch', this.ink(cell.colour));
            name.prepend(swatch);
          }
        });
      });
      if (!table.rows.length) add(add(rows, 'tr'), 'td', 'none', table.none);
    });
  }

  fillEvents() {
    const text = JSON.stringify(this.events);
    if (this.marks.dataset.text === text) return;
    this.marks.dataset.text = text;
    this.marks.replaceChildren(...this.events.slice(-6).reverse().map((event) => {
      const item = document.createElement('li');
      add(item, 'time', '', this.clock(event.at, true));
      add(item, 'span', '', event.text);
      return item;
    }));
  }

  // ---- drawing -----------------------------------------------------------------------------------------------

  draw() {
    if (this.scheduled || !this.frame || this.first === null) return;
    this.scheduled = requestAnimationFrame(() => {
      this.scheduled = 0;
      this.look = this.lookUp();
      const widths = this.charts.map((chart) => chart.canvas.clientWidth);
      const lines = this.charts.map((chart, number) => this.drawChart(chart, widths[number]));
      this.charts.forEach((chart, number) => { if (widths[number]) this.tell(chart, lines[number]); });
      this.root.dataset.asOf = this.asOf;
    });
  }

  // All that the page must be asked, before anything is written: an answer after that costs a new layout.
  lookUp() {
    const style = getComputedStyle(this.root);
    const [r, g, b] = (style.color.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
    const [faint, grid, mark, brush] = ['--ink-faint', '--grid', '--mark', '--brush']
      .map((name) => style.getPropertyValue(name));
    return { text: style.color, isDark: r + g + b > 380, font: style.fontFamily, faint, grid, mark, brush };
  }

  drawChart(chart, width) {
    const { canvas, config } = chart;
    if (!width) return null;
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(HEIGHT * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(HEIGHT * ratio);
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, HEIGHT);
    const lines = config.series.map((line) => ({ ...line, values: this.valuesOf(line.name) }));
    const top = this.topOf(config, lines);
    const plot = { left: PAD.left, right: width - PAD.right, top: PAD.top, bottom: HEIGHT - PAD.bottom };
    chart.plot = plot;
    const x = (place) => plot.left + (place + 0.5) / this.frame.num * (plot.right - plot.left);
    const y = (value) => plot.bottom - Math.min(value / top, 1.02) * (plot.bottom - plot.top);
    this.drawAxes(pen, plot, top, config);
    this.drawSelection(pen, plot);
    if (config.kind === 'stack') this.drawStack(pen, lines.filter((line) => !line.dash), x, y, plot);
    lines.filter((line) => config.kind !== 'stack' || line.dash)
      .forEach((line) => this.drawLine(pen, line, x, y));
    this.drawMarks(pen, plot);
    if (!lines.some((line) => line.values.some((value) => value))) this.drawNothing(pen, plot, config);
    this.drawHover(pen, plot, x);
    return lines;
  }

  valuesOf(name) {
    const values = this.series[name] || [];
    const missing = this.frame.num - values.length;
    return missing > 0 ? new Array(missing).fill(null).concat(values) : values;
  }

  topOf(config, lines) {
    if (config.top) return config.top;
    let most = 0;
    if (config.kind === 'stack') {
      for (let at = 0; at < this.frame.num; at++) {
        most = Math.max(most, lines.reduce((sum, line) => sum + (line.dash ? 0 : line.values[at] || 0), 0));
      }
    } else {
      lines.forEach((line) => line.values.forEach((value) => { most = Math.max(most, value || 0); }));
    }
    return (config.scale === 'bytes' ? roundBytes(most) : round(most * 1.05)) || 1;
  }

  drawAxes(pen, plot, top, config) {
    pen.font = `11px ${this.look.font}`;
    pen.fillStyle = this.look.faint;
    pen.strokeStyle = this.look.grid;
    pen.lineWidth = 1;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    for (let step = 0; step <= 2; step++) {
      const value = top * step / 2;
      const at = Math.round(plot.bottom - step / 2 * (plot.bottom - plot.top)) + 0.5;
      pen.beginPath();
      pen.moveTo(plot.left, at);
      pen.lineTo(plot.right, at);
      pen.stroke();
      pen.fillText(this.figure(value, config.scale), plot.left - 6, at);
    }
    pen.textBaseline = 'alphabetic';
    const begin = this.begins();
    const span = this.frame.num * this.frame.width;
    const step = [60, 300, 900, 3600, 14400].find((seconds) => span / seconds <= 6) || 14400;
    const zone = new Date().getTimezoneOffset() * 60;
    for (let at = Math.ceil((begin - zone) / step) * step + zone; at < begin + span; at += step) {
      const place = plot.left + (at - begin) / span * (plot.right - plot.left);
      if (place > plot.right - 14) continue;
      pen.textAlign = place < plot.left + 16 ? 'left' : 'center';
      pen.fillText(this.clock(at), place, HEIGHT - 5);
    }
  }

  drawStack(pen, lines, x, y, plot) {
    const num = this.frame.num;
    const room = (plot.right - plot.left) / num;
    const below = new Array(num).fill(0);
    lines.forEach((line) => {
      pen.fillStyle = this.ink(line.colour);
      for (let at = 0; at < num; at++) {
        const value = line.values[at];
        if (!value) continue;
        const upper = y(below[at] + value);
        const lower = y(below[at]);
        pen.fillRect(x(at) - room / 2, upper, Math.max(room - (room > 4 ? 1 : 0), 1), Math.max(lower - upper, 0.75));
        below[at] += value;
      }
    });
  }

  drawLine(pen, line, x, y) {
    pen.strokeStyle = this.ink(line.colour);
    pen.fillStyle = pen.strokeStyle;
    pen.lineWidth = line.dash ? 1.5 : 1.75;
    pen.lineJoin = 'round';
    pen.setLineDash(line.dash ? [4, 3] : []);
    pen.beginPath();
    let before = null;
    line.values.forEach((value, at) => {
      if (value === null || value === undefined) return;
      if (before !== null && at - before <= this.gap()) pen.lineTo(x(at), y(value));
      else pen.moveTo(x(at), y(value));
      if (before === null || at - before > this.gap()) pen.fillRect(x(at) - 1, y(value) - 1, 2, 2);
      before = at;
    });
    pen.stroke();
    pen.setLineDash([]);
  }

  // Values further apart than this are not joined: nothing is known between them.
  gap() { return Math.max(Math.ceil(20 / this.frame.width), 2); }

  drawMarks(pen, plot) {
    const begin = this.begins();
    const span = this.frame.num * this.frame.width;
    pen.strokeStyle = this.look.mark;
    pen.fillStyle = pen.strokeStyle;
    pen.lineWidth = 1;
    this.events.forEach((event) => {
      const at = plot.left + (event.at - begin) / span * (plot.right - plot.left);
      if (at < plot.left || at > plot.right) return;
      pen.setLineDash([2, 3]);
      pen.beginPath();
      pen.moveTo(at, plot.top);
      pen.lineTo(at, plot.bottom);
      pen.stroke();
      pen.setLineDash([]);
      pen.beginPath();
      pen.moveTo(at - 4, plot.top - 6);
      pen.lineTo(at + 4, plot.top - 6);
      pen.lineTo(at, plot.top);
      pen.fill();
    });
  }

  drawSelection(pen, plot) {
    const range = this.drag?.to ? [this.drag.from, this.drag.to].sort((a, b) => a - b) : this.selection;
    if (!range) return;
    const begin = this.begins();
    const span = this.frame.num * this.frame.width;
    const [from, to] = range.map((at) =>
      Math.min(Math.max(plot.left + (at - begin) / span * (plot.right - plot.left), plot.left), plot.right));
    pen.fillStyle = this.look.brush;
    pen.fillRect(from, plot.top, Math.max(to - from, 1), plot.bottom - plot.top);
  }

  drawNothing(pen, plot, config) {
    pen.fillStyle = this.look.faint;
    pen.textAlign = 'center';
    pen.font = `13px ${this.look.font}`;
    pen.fillText(config.none || this.words.nothing, (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2 + 4);
  }

  drawHover(pen, plot, x) {
    if (this.hover === null) return;
    pen.strokeStyle = this.look.faint;
    pen.beginPath();
    pen.moveTo(x(this.hover) + 0.5, plot.top);
    pen.lineTo(x(this.hover) + 0.5, plot.bottom);
    pen.stroke();
  }

  // The legend tells the values under the pointer, else the newest; so does the label for screen readers.
  tell(chart, lines) {
    const { config, values, canvas } = chart;
    const said = [];
    lines.forEach((line) => {
      let value = null;
      if (this.hover !== null) value = line.values[this.hover];
      else for (let at = this.frame.num - 1; at >= 0 && value === null; at--) value = line.values[at] ?? null;
      const text = value === null || value === undefined ? '–' : this.figure(value, config.scale);
      write(values[line.name], text);
      said.push(`${line.label} ${text}`);
    });
    const label = `${config.title} (${config.unit}): ${said.join(', ')}`;
    if (canvas.getAttribute('aria-label') !== label) canvas.setAttribute('aria-label', label);
    if (chart.table) this.fillChartTable(chart, lines);
  }

  fillChartTable(chart, lines) {
    const table = document.createElement('table');
    const head = add(add(table, 'thead'), 'tr');
    add(head, 'th', '', this.words.time).scope = 'col';
    lines.forEach((line) => { add(head, 'th', 'figure', line.label).scope = 'col'; });
    const body = add(table, 'tbody');
    for (let at = this.frame.num - 1, num = 0; at >= 0 && num < 30; at--) {
      if (!lines.some((line) => line.values[at] !== null && line.values[at] !== undefined)) continue;
      num++;
      const row = add(body, 'tr');
      add(row, 'th', '', this.clock(this.begins() + at * this.frame.width, true)).scope = 'row';
      lines.forEach((line) => add(row, 'td', 'figure', line.values[at] === null ? '–' : this.figure(line.values[at], chart.config.scale)));
    }
    chart.table.replaceChildren(table);
  }

  // ---- pointing and choosing ---------------------------------------------------------------------------------

  begins() { return (this.last - this.frame.num + 1) * this.frame.width; }

  timeAt(chart, event) {
    const { left, right } = chart.plot;
    const share = Math.min(Math.max((event.offsetX - left) / (right - left), 0), 1);
    return this.begins() + share * this.frame.num * this.frame.width;
  }

  pointAt(chart, event) {
    const at = this.timeAt(chart, event);
    this.hover = Math.min(Math.floor((at - this.begins()) / this.frame.width), this.frame.num - 1);
    if (this.drag) this.drag.to = at;
    this.draw();
  }

  drop() {
    const drag = this.drag;
    this.drag = null;
    if (drag && drag.to !== null && Math.abs(drag.to - drag.from) >= this.frame.width) {
      this.choose([Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]);
    } else this.draw();
  }

  choose(range) {
    this.selection = range;
    this.draw();
    this.select(range);
  }

  key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
    if (event.key in steps) {
      const from = this.hover === null ? this.frame.num - 1 : this.hover;
      const to = Math.min(Math.max(from + steps[event.key], 0), this.frame.num - 1);
      if (event.shiftKey) {
        const begin = this.begins();
        this.anchor = this.anchor ?? from;
        const ends = [Math.min(this.anchor, to), Math.max(this.anchor, to) + 1];
        this.drag = { from: begin + ends[0] * this.frame.width, to: begin + ends[1] * this.frame.width };
      } else this.anchor = null;
      this.hover = to;
    } else if (event.key === 'Enter' && this.drag) {
      this.anchor = null;
      this.drop();
    } else if (event.key === 'Escape') {
      this.drag = this.anchor = null;
      if (this.selection) this.choose(null);
    } else return;
    event.preventDefault();
    this.draw();
  }

  // ---- words and colours -------------------------------------------------------------------------------------

  figure(value, scale) {
    const { plain, compact } = this.formats;
    if (scale === 'bytes') {
      const units = ['B', 'KB', 'MB', 'GB', 'TB'];
      let at = 0;
      while (Math.abs(value) >= 1024 && at < units.length - 1) { value /= 1024; at++; }
      return `${plain.format(value)} ${units[at]}`;
    }
    return (Math.abs(value) >= 10000 ? compact : plain).format(value);
  }

  clock(seconds, exact = false) {
    return (exact ? this.formats.second : this.formats.minute).format(seconds * 1000);
  }

  // A colour is given for light and for dark pages.
  ink(colour) {
    if (colour === 'text') return this.look.text;
    return Array.isArray(colour) ? colour[this.look.isDark ? 1 : 0] : colour;
  }
}

// Made once: a new one takes longer than all that it writes in a frame.
function formatsOf(locale) {
  const minute = { hour: '2-digit', minute: '2-digit' };
  return {
    plain: new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }),
    compact: new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 }),
    minute: new Intl.DateTimeFormat(locale, minute),
    second: new Intl.DateTimeFormat(locale, { ...minute, second: '2-digit' }),
  };
}

function add(parent, tag, name = '', text = '') {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  parent.append(node);
  return node;
}

// What is wider than the page can be moved by keys too.
function addScroll(parent, label) {
  const scroll = add(parent, 'div', 'scroll');
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', label);
  return scroll;
}

function write(node, text) { if (node.textContent !== text) node.textContent = text; }

// A question mark that answers on hover and on focus.
function explain(parent, text) {
  const button = add(parent, 'button', 'why', '?');
  button.type = 'button';
  say(button, text);
}

function say(button, text) {
  if (button.dataset.text === text) return;
  button.setAttribute('aria-label', text);
  button.dataset.text = text;
}

function roundBytes(value) {
  const unit = 1024 ** Math.floor(Math.log(Math.max(value, 1)) / Math.log(1024));
  return round(value / unit * 1.05) * unit;
}

function round(value) {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power).find((step) => step >= value);
}
