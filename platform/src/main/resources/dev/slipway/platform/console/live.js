// Draws the service's own metrics. Everything comes from /metrics, once a second; nothing is kept but the last five minutes.
'use strict';

const KEEP = 300;
const NS = 'http://www.w3.org/2000/svg';
const CHARTS = [
  { id: 'tokens', title: 'Tokens a second', unit: n, series: ['answers', 'prompts'], of: d => [d.rate('vllm:generation_tokens_total'), d.rate('vllm:prompt_tokens_total')] },
  { id: 'requests', title: 'Requests', unit: n, series: ['running', 'waiting'], of: d => [d.now('vllm:num_requests_running'), d.now('vllm:num_requests_waiting')] },
  { id: 'first', title: 'Time to first token', unit: seconds, series: ['median', '95 %'], of: d => [d.quantile('vllm:time_to_first_token_seconds', 0.5), d.quantile('vllm:time_to_first_token_seconds', 0.95)] },
  { id: 'between', title: 'Between tokens', unit: seconds, series: ['median', '95 %'], of: d => [d.quantile('vllm:inter_token_latency_seconds', 0.5), d.quantile('vllm:inter_token_latency_seconds', 0.95)] },
  { id: 'whole', title: 'Whole answer', unit: seconds, series: ['median', '95 %'], of: d => [d.quantile('vllm:e2e_request_latency_seconds', 0.5), d.quantile('vllm:e2e_request_latency_seconds', 0.95)] },
  { id: 'cacheUse', title: 'Cache in use', unit: share, most: 1, series: ['cache'], of: d => [d.now('vllm:kv_cache_usage_perc')] },
];

function n(value) { return value >= 100 ? Math.round(value).toString() : value >= 10 ? value.toFixed(1) : value.toFixed(value % 1 ? 2 : 0); }
function seconds(value) { return value < 1 ? n(value * 1000) + ' ms' : n(value) + ' s'; }
function share(value) { return Math.round(value * 100) + ' %'; }

/** Values by metric, summed over labels; buckets by metric and bound. */
function parse(text) {
  const sums = new Map(), buckets = new Map();
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match) continue;
    const value = Number(match[3]);
    if (match[1].endsWith('_bucket')) {
      const name = match[1].slice(0, -7), bound = /le="([^"]+)"/.exec(match[2] || '');
      if (!bound) continue;
      if (!buckets.has(name)) buckets.set(name, new Map());
      const le = bound[1] === '+Inf' ? Infinity : Number(bound[1]);
      buckets.get(name).set(le, (buckets.get(name).get(le) || 0) + value);
    } else {
      sums.set(match[1], (sums.get(match[1]) || 0) + value);
    }
  }
  return { at: performance.now() / 1000, sums, buckets };
}

/** What happened between two looks. */
function difference(before, after) {
  const now = name => after.sums.has(name) ? after.sums.get(name) : null;
  return {
    now,
    grown: name => now(name) === null ? null : now(name) - (before.sums.get(name) || 0),
    rate(name) { const grown = this.grown(name); return grown === null ? null : grown / (after.at - before.at); },
    /** As Prometheus' histogram_quantile: even within a bucket. Null where nothing came. */
    quantile(name, share) {
      const new_ = after.buckets.get(name), old = before.buckets.get(name) || new Map();
      if (!new_) return null;
      const bounds = [...new_.keys()].sort((a, b) => a - b);
      const counts = bounds.map(le => new_.get(le) - (old.get(le) || 0));
      const total = counts[counts.length - 1];
      if (!total) return null;
      const at = counts.findIndex(count => count >= share * total);
      const from = at ? bounds[at - 1] : 0, below = at ? counts[at - 1] : 0;
      if (bounds[at] === Infinity) return from;
      return from + (bounds[at] - from) * (share * total - below) / (counts[at] - below);
    },
  };
}

const element = (name, attributes = {}) => {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

for (const chart of CHARTS) {
  const figure = document.createElement('figure');
  figure.id = chart.id;
  const caption = document.createElement('figcaption');
  const title = document.createElement('span');
  title.textContent = chart.title;
  chart.legend = document.createElement('span');
  caption.append(title, chart.legend);
  chart.svg = element('svg', { viewBox: '0 0 300 100', preserveAspectRatio: 'none', role: 'img', 'aria-label': chart.title });
  chart.scale = document.createElement('span');
  chart.scale.className = 'scale';
  figure.append(caption, chart.scale, chart.svg);
  document.getElementById('charts').append(figure);
  chart.points = [];
}

function draw(chart) {
  const values = chart.points.flat().filter(value => value !== null);
  const top = Math.max(0, ...values);
  const most = chart.most || (top > 0 ? top * 1.1 : 1);
  const parts = [25, 50, 75].map(y => element('line', { class: 'grid', x1: 0, x2: 300, y1: y, y2: y }));
  chart.series.forEach((name, i) => {
    let path = '', down = false;
    chart.points.forEach((point, x) => {
      const value = point[i];
      if (value === null) { down = false; return; }
      const at = `${300 - (chart.points.length - 1 - x) * 300 / (KEEP - 1)} ${100 - value / most * 100}`;
      path += (down ? 'L' : 'M') + at;
      down = true;
    });
    parts.push(element('path', { class: `series s${i}`, d: path || 'M0 0' }));
  });
  chart.svg.replaceChildren(...parts);
  chart.scale.textContent = values.length ? `0 – ${chart.unit(most)}` : 'nothing came yet';
  chart.legend.replaceChildren(...chart.series.map((name, i) => {
    const label = document.createElement('span');
    const last = chart.points.map(point => point[i]).filter(value => value !== null).at(-1);
    label.className = `k${i}`;
    label.textContent = ` ${name} ${last === undefined ? '–' : chart.unit(last)}`;
    return label;
  }));
}

const show = (id, text) => { document.getElementById(id).textContent = text; };

/** What the page itself is at; figures that are not of now are drawn faint. */
function state(name, text) {
  show('state', text);
  document.getElementById('state').dataset.state = name;
  document.querySelector('main').classList.toggle('stale', name !== 'ready');
}

let last = null;

async function look() {
  const key = sessionStorage.getItem('slipway-key');
  const answer = await fetch('/metrics', { headers: key ? { Authorization: `Bearer ${key}` } : {}, cache: 'no-store' });
  document.getElementById('ask').hidden = answer.ok;
  if (!answer.ok) {
    state(answer.status === 401 ? 'loading' : 'failed', answer.status === 401 ? 'needs a key' : answer.status === 403 ? 'this key may not look' : `answered ${answer.status}`);
    last = null;
    return;
  }
  const now = parse(await answer.text());
  if (last) {
    const d = difference(last, now);
    for (const chart of CHARTS) {
      chart.points.push(chart.of(d));
      if (chart.points.length > KEEP) chart.points.shift();
      draw(chart);
    }
    const value = (name, unit) => d.now(name) === null ? '–' : unit(d.now(name));
    show('running', value('vllm:num_requests_running', n));
    show('waiting', value('vllm:num_requests_waiting', n));
    const speed = d.rate('vllm:generation_tokens_total');
    show('speed', speed === null ? '–' : n(speed));
    show('cache', value('vllm:kv_cache_usage_perc', share));
    const asked = d.now('vllm:prefix_cache_queries_total');
    show('hits', asked ? share(d.now('vllm:prefix_cache_hits_total') / asked) : '–');
    show('failed', value('slipway_requests_failed_total', n));
  }
  last = now;
  state('ready', 'each second, the last five minutes');
}

document.getElementById('ask').addEventListener('submit', event => {
  event.preventDefault();
  sessionStorage.setItem('slipway-key', document.getElementById('key').value.trim());
});

async function run() {
  for (;;) {
    try { await look(); } catch (problem) { state('failed', 'not reached; trying again'); last = null; }
    await new Promise(done => setTimeout(done, 1000));
  }
}
run();
