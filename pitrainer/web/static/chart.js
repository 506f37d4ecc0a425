// The profile of a session: the plan as ground, what was really done over it, heart rate and cap in the same time.
//
// One module draws the live chart and the thumbnails. Time runs to the right in seconds. Steps that end by distance,
// ascent or heart rate have an estimated length; once the session runs, the steps behind are fitted to the time
// that they really took and those ahead move along. Incline has the left scale, beats per minute the right one.

import { t } from './i18n.js';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = { left: 26, right: 32, top: 10, bottom: 20 };
const HEART_LOWEST_BPM = 80;
const TIME_TICKS_S = [60, 120, 300, 600, 900, 1800, 3600];

// Steps as segments of time: [{from, to, lowest, start, end, cap, climb}], seconds and percent.
export function segmentsOf(plan, step = null, elapsedS = 0) {
  const lengths = plan.steps.map((each) => each.estimated_s ?? each.for_s ?? 60);
  const here = step ? step.i - 1 : 0;
  const hereFrom = step ? Math.max(0, elapsedS - (step.done ?? 0) * lengths[here]) : 0;
  const planned = lengths.slice(0, here).reduce((sum, length) => sum + length, 0);
  const fit = here > 0 && planned > 0 ? hereFrom / planned : 1;
  let at = here > 0 ? 0 : hereFrom;
  return plan.steps.map((each, index) => {
    const from = at;
    at += lengths[index] * (index < here ? fit : 1);
    if (step && index === here) at = Math.max(at, elapsedS);
    return segment(each, from, at);
  });
}

function segment(step, from, to) {
  const [a, b] = step.incline_pct;
  const climb = step.drive === 'climb';
  return { from, to, climb, lowest: a, start: climb ? b : a, end: b, cap: step.cap_bpm ?? null };
}

// A path through the points that have a value; a gap where there is none.
export function pathOf(rows, x, y) {
  let pen = 'M';
  let path = '';
  for (const row of rows) {
    const [at, value] = [x(row), y(row)];
    if (value === null || Number.isNaN(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${at.toFixed(1)} ${value.toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

// A path that grows with its rows: a point where the last one is a pixel away, a gap where there is no value. Nothing
// that is drawn is worked out again until the scale or the rows are others.
function growing(column, y) {
  let path = '';
  let pen = 'M';
  let lastX = -Infinity;
  return {
    add(row, scale) {
      const [x, value] = [scale.x(row[0]), row[column]];
      if (typeof value !== 'number') pen = 'M';
      else if (pen === 'M' || x - lastX >= 1) {
        path += `${pen}${x.toFixed(1)} ${y(scale, value).toFixed(1)}`;
        pen = 'L';
        lastX = x;
      }
    },
    path: () => path,
  };
}

function traces() {
  return [growing(1, (scale, bpm) => scale.yHeart(bpm)), growing(2, (scale, pct) => scale.yIncline(pct))];
}

function ground(segments, x, y, bottom) {
  if (!segments.length) return '';
  const low = (each) => (each.climb ? each.lowest : null);
  const points = segments.map((each) => {
    const [start, end] = [low(each) ?? each.start, low(each) ?? each.end];
    return `L${x(each.from).toFixed(1)} ${y(start).toFixed(1)}L${x(each.to).toFixed(1)} ${y(end).toFixed(1)}`;
  });
  const [first, last] = [x(segments[0].from).toFixed(1), x(segments.at(-1).to).toFixed(1)];
  return `M${first} ${bottom}${points.join('')}L${last} ${bottom}Z`;
}

// The room above the ground that a climbing step leaves to the heart.
function room(segments, x, y) {
  return segments.filter((each) => each.climb).map((each) => {
    const [left, right] = [x(each.from).toFixed(1), x(each.to).toFixed(1)];
    const [low, high] = [y(each.lowest).toFixed(1), y(each.end).toFixed(1)];
    return `M${left} ${low}V${high}H${right}V${low}Z`;
  }).join('');
}

export function thumbnail(svg, steps) {
  const segments = segmentsOf({ steps });
  const length = segments.at(-1)?.to || 1;
  const highest = Math.max(5, ...segments.map((each) => Math.max(each.start, each.end)));
  svg.setAttribute('viewBox', '0 0 96 40');
  const [x, y] = [(s) => (s / length) * 96, (pct) => 38 - (Math.max(0, pct) / highest) * 34];
  svg.append(shape('path', 'chart-room', room(segments, x, y)), shape('path', 'chart-ground', ground(segments, x, y, 40)));
}

function shape(kind, className, d = null) {
  const made = document.createElementNS(SVG, kind);
  made.setAttribute('class', className);
  if (d !== null) made.setAttribute('d', d);
  return made;
}

function label(text, x, y, anchor, className) {
  const made = shape('text', className);
  made.setAttribute('x', x);
  made.setAttribute('y', y);
  made.setAttribute('text-anchor', anchor);
  made.textContent = text;
  return made;
}

const NOTHING = [];
const LAYERS = ['chart-grid', 'chart-room', 'chart-ground', 'chart-cap', 'chart-incline', 'chart-heart', 'chart-prediction',
  'chart-cursor'];

export function createChart(svg) {
  const layer = Object.fromEntries(LAYERS.map((name) => [name, shape('path', name)]));
  const labels = shape('g', 'chart-labels');
  svg.append(...Object.values(layer), labels);
  const shown = { plan: null, rows: [], highest: [0, 0], state: null, width: 300, height: 160 };
  const drawn = {};

  // What was drawn stays as long as it is the same: a second's redraw must cost a slow phone little.
  function set(name, d) {
    if (drawn[name] === d) return;
    drawn[name] = d;
    layer[name].setAttribute('d', d);
  }

  function keep(row) {
    shown.highest = [Math.max(shown.highest[0], row[1] ?? 0), Math.max(shown.highest[1], row[2] ?? 0)];
  }

  function scales(segments, rows) {
    const { width, height } = shown;
    const [bpm, pct] = rows.length ? shown.highest : [0, 0];
    // Whole minutes: a step that overruns must not draw all anew each second.
    const length = Math.ceil(Math.max(segments.at(-1)?.to ?? 0, rows.at(-1)?.[0] ?? 0, 60) / 60) * 60;
    const steepest = segments.reduce((most, each) => Math.max(most, each.start, each.end), pct);
    const incline = Math.max(5, Math.ceil(steepest / 5) * 5);
    const heart = Math.ceil((segments.reduce((most, each) => Math.max(most, each.cap ?? 0), Math.max(bpm, 130)) + 5) / 20) * 20;
    const [inner, deep] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
    const bottom = height - MARGIN.bottom;
    return {
      width, height, length, incline, heart, bottom, key: [width, height, incline, heart, length].join(),
      x: (s) => MARGIN.left + (s / length) * inner,
      yIncline: (pct) => bottom - (Math.max(0, pct) / incline) * deep,
      yHeart: (bpm) => bottom - ((Math.max(HEART_LOWEST_BPM, bpm) - HEART_LOWEST_BPM) / (heart - HEART_LOWEST_BPM)) * deep,
    };
  }

  function drawAxes(scale) {
    if (drawn.axes === scale.key) return;
    drawn.axes = scale.key;
    svg.setAttribute('viewBox', `0 0 ${scale.width} ${scale.height}`);
    const made = [];
    let grid = '';
    for (let pct = 0; pct <= scale.incline; pct += scale.incline > 20 ? 10 : 5) {
      grid += `M${MARGIN.left} ${scale.yIncline(pct)}H${scale.width - MARGIN.right}`;
      made.push(label(String(pct), MARGIN.left - 6, scale.yIncline(pct) + 4, 'end', 'tick tick-incline'));
    }
    for (let bpm = HEART_LOWEST_BPM + 20; bpm <= scale.heart; bpm += 20) {
      made.push(label(String(bpm), scale.width - MARGIN.right + 6, scale.yHeart(bpm) + 4, 'start', 'tick tick-heart'));
    }
    const every = TIME_TICKS_S.find((s) => scale.length / s <= 6) ?? 7200;
    for (let s = every; s < scale.length; s += every) {
      made.push(label(`${s / 60}′`, scale.x(s), scale.height - 4, 'middle', 'tick'));
    }
    set('chart-grid', grid);
    labels.replaceChildren(...made);
  }

  function capPath(segments, scale) {
    return segments.filter((each) => each.cap !== null)
      .map((each) => `M${scale.x(each.from).toFixed(1)} ${scale.yHeart(each.cap).toFixed(1)}H${scale.x(each.to).toFixed(1)}`)
      .join('');
  }

  // From the heart of this moment to where the controller expects it; what lies beyond the chart's end is left out.
  function predictionPath({ elapsed_s: now, hr_bpm: bpm, prediction }, scale) {
    if (!prediction?.length || typeof bpm !== 'number') return '';
    const points = [[0, bpm], ...prediction.filter(([s]) => s > 0 && now + s <= scale.length)];
    return points.length < 2 ? '' : pathOf(points, ([s]) => scale.x(now + s), ([, beats]) => scale.yHeart(beats));
  }

  function drawTraces(rows, scale) {
    if (drawn.rows !== rows || drawn.scale !== scale.key) {
      Object.assign(drawn, { rows, scale: scale.key, upTo: 0, traces: traces() });
    }
    for (; drawn.upTo < rows.length; drawn.upTo += 1) drawn.traces.forEach((trace) => trace.add(rows[drawn.upTo], scale));
    set('chart-heart', drawn.traces[0].path());
    set('chart-incline', drawn.traces[1].path());
  }

  function draw() {
    const { plan, state } = shown;
    const running = state?.elapsed_s > 0 ? state : null;
    const rows = running ? shown.rows : NOTHING;
    const segments = plan ? segmentsOf(plan, running?.step, running?.elapsed_s) : [];
    const scale = scales(segments, rows);
    drawAxes(scale);
    set('chart-ground', ground(segments, scale.x, scale.yIncline, scale.bottom));
    set('chart-room', room(segments, scale.x, scale.yIncline));
    set('chart-cap', capPath(segments, scale));
    drawTraces(rows, scale);
    const at = running ? scale.x(running.elapsed_s).toFixed(1) : null;
    set('chart-cursor', at === null ? '' : `M${at} ${MARGIN.top}V${scale.bottom}`);
    set('chart-prediction', running ? predictionPath(running, scale) : '');
  }

  function resized([entry]) {
    if (!entry.contentRect.width) return;
    shown.width = Math.round(entry.contentRect.width);
    shown.height = Math.round(entry.contentRect.height);
    draw();
  }

  new ResizeObserver(resized).observe(svg);
  return {
    setPlan(plan) {
      shown.plan = plan;
      const label = plan ? t('profile.of', { session: plan.session, n: plan.steps.length }) : t('profile.none');
      svg.setAttribute('aria-label', label);
      draw();
    },
    setHistory(rows) {
      shown.rows = rows;
      shown.highest = [0, 0];
      rows.forEach(keep);
      draw();
    },
    // Takes a live state; draws at most once per second of the session.
    onState(state) {
      const last = shown.rows.at(-1)?.[0] ?? -1;
      const moved = typeof state.elapsed_s === 'number' && state.elapsed_s > 0 && state.elapsed_s - last >= 1;
      shown.state = state;
      if (!moved) return;
      shown.rows.push([state.elapsed_s, state.hr_bpm, state.incline_pct, state.incline_target_pct, state.speed_kmh, state.cap_bpm]);
      keep(shown.rows.at(-1));
      draw();
    },
  };
}
