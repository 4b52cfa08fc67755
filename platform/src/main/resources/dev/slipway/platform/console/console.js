"use strict";

const text = $("text"), view = $("view"), gutter = $("gutter");
const SETTINGS = ["max_tokens", "temperature", "top_p", "top_k", "min_p", "repetition_penalty"];

// They end in a word: blanks at the end would be other tokens than those that the model learnt before a word.
const EXAMPLES = {
  equals: "    @Override\n    public boolean equals(Object o) {\n        if (this == o) {\n            return true;\n        }",
  loop: "    public static int indexOf(int[] a, int key) {\n        for (int i = 0; i < a.length; i++) {",
  stream: "    public int read(byte[] b, int off, int len) throws IOException {",
  javadoc: "    /**\n     * Returns the number of elements in this collection.  If this collection\n     * contains more than {@code Integer.MAX_VALUE} elements, returns",
  class: "package java.util;\n\n/**\n * A list that is backed by an array.\n */\npublic class"
};

let model = null;     // as /v1/models tells it
let ghost = null;     // {start, end}: where in the text the model's words stand
let running = null;   // the AbortController of the request at work

function paint() {
  const value = text.value;
  gutter.textContent = Array.from({length: value.split("\n").length}, (_, i) => i + 1).join("\n");
  view.textContent = "";
  if (ghost) {
    view.append(value.slice(0, ghost.start));
    const span = document.createElement("span");
    span.className = "ghost";
    span.textContent = value.slice(ghost.start, ghost.end);
    view.append(span);
  } else {
    view.append(value);
  }
  if (running) {
    const caret = document.createElement("span");
    caret.className = "caret";
    view.append(caret);
  }
  view.append("\n");
  scroll();
  const kept = !ghost || ghost.start === ghost.end || Boolean(running);
  $("keep").disabled = kept;
  $("drop").disabled = kept;
  $("go").hidden = Boolean(running);
  $("go").disabled = !model;
  $("stop").hidden = !running;
  text.readOnly = Boolean(running);
  curl();
}

function scroll() {
  view.scrollTop = text.scrollTop;
  view.scrollLeft = text.scrollLeft;
  gutter.scrollTop = text.scrollTop;
}

function request() {
  const body = {model: model ? model.id : "", prompt: text.value};
  for (const name of SETTINGS) body[name] = Number($(name).value);
  if ($("seed").value.trim()) body.seed = Number($("seed").value);
  const stop = $("stopText").value.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
  if (stop) body.stop = [stop];
  return body;
}

function curl() {
  const body = JSON.stringify(request(), null, 1).replaceAll("'", "'\\''");
  $("curl").textContent = `curl ${location.origin}/v1/completions \\\n -H 'Content-Type: application/json' \\\n -d '${body}'`;
}

async function facts() {
  const models = await served(facts);
  if (!models) return;
  model = models[0];
  document.title = `${model.id} · Slipway`;
  $("name").textContent = model.id;
  $("parameters").textContent = short(model.parameters);
  $("bits").textContent = model.bits_per_byte == null ? "–" : model.bits_per_byte.toFixed(3);
  $("context").textContent = model.max_model_len;
  const most = Math.max(1, model.max_model_len - 1);
  $("max_tokens").max = most;
  if (Number($("max_tokens").value) > most / 2) $("max_tokens").value = Math.ceil(most / 2);
  $("chat").hidden = model.chat !== true;
  state("ready", "ready");
  settings();
  paint();
}

function short(n) {
  if (n >= 1e9) return (n / 1e9).toFixed(1) + " B";
  if (n >= 1e6) return (n / 1e6).toFixed(1) + " M";
  return n >= 1e3 ? (n / 1e3).toFixed(0) + " k" : String(n);
}

function settings() {
  for (const name of SETTINGS) {
    const value = Number($(name).value);
    document.querySelector(`label[for=${name}] output`).textContent =
        name === "temperature" && value === 0 ? "greedy" : name === "top_k" && value === 0 ? "all" : String(value);
  }
  curl();
}

async function go() {
  if (running || !model) return;
  if (!$("seed").checkValidity()) { fail("The seed is a whole number, or nothing."); $("seed").focus(); return; }
  fail("");
  ghost = {start: text.value.length, end: text.value.length};
  const controller = running = new AbortController();
  state("busy", "writing");
  paint();
  let tokens = 0, first = 0, last = 0;
  try {
    const body = request();
    body.stream = true;
    body.stream_options = {include_usage: true};
    const answer = await post("/v1/completions", body, controller.signal);
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    for await (const event of events(answer.body)) {
      if (event.error) throw new Error(event.error.message);
      if (event.usage) { tokens = event.usage.completion_tokens; continue; }
      const choice = event.choices[0];
      if (!choice || !choice.text) continue;
      last = performance.now();
      if (!first) first = last;
      tokens++;
      add(choice.text);
      if (tokens > 1 && last > first) speed((tokens - 1) / (last - first) * 1000);
      $("tally").textContent = `${tokens} tokens`;
    }
    $("tally").textContent = tokens === 0 ? "The model ended the text here."
        : `${tokens} tokens` + (last > first ? ` in ${((last - first) / 1000).toFixed(2)} s` : "");
    state("ready", "ready");
  } catch (e) {
    if (e.name === "AbortError") {
      state("ready", "stopped");
    } else {
      fail(e instanceof TypeError ? "The service can't be reached. Is it still running?" : sentence(e.message));
      state("ready", "ready");
      if (e instanceof TypeError) { model = null; facts(); }
    }
  } finally {
    running = null;
    if (ghost && ghost.start === ghost.end) ghost = null;
    paint();
    text.focus();
  }
}

function speed(perSecond) {
  $("speed").textContent = perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

function add(piece) {
  const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 40;
  text.value += piece;
  ghost.end = text.value.length;
  paint();
  if (atEnd) { text.scrollTop = text.scrollHeight; scroll(); }
}

function keep() { ghost = null; paint(); text.focus(); }

function drop() {
  if (!ghost) return;
  text.value = text.value.slice(0, ghost.start) + text.value.slice(ghost.end);
  ghost = null;
  $("tally").textContent = "";
  paint();
  text.focus();
}

function put(value) {
  if (running) running.abort();
  ghost = null;
  text.value = value;
  text.selectionStart = text.selectionEnd = value.length;
  $("tally").textContent = "";
  fail("");
  paint();
  text.focus();
}

text.addEventListener("input", () => { ghost = null; paint(); });
text.addEventListener("scroll", scroll);
text.addEventListener("keydown", event => {
  if (event.key === "Tab" && !event.shiftKey && ghost && !running) { event.preventDefault(); keep(); }
});
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); go(); }
  if (event.key === "Escape" && running) running.abort();
});
$("go").addEventListener("click", go);
$("stop").addEventListener("click", () => running && running.abort());
$("keep").addEventListener("click", keep);
$("drop").addEventListener("click", drop);
$("clear").addEventListener("click", () => put(""));
for (const button of document.querySelectorAll("[data-example]"))
  button.addEventListener("click", () => put(EXAMPLES[button.dataset.example]));
for (const name of [...SETTINGS, "seed", "stopText"]) $(name).addEventListener("input", settings);

text.value = EXAMPLES.loop;
settings();
paint();
facts();
