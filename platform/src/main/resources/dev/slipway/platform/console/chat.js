"use strict";

const SETTINGS = ["max_tokens", "temperature", "top_p", "top_k", "min_p", "repetition_penalty"];
const CHOSEN = "slipway-model";
const UP = "M7 10v10H4V10zm0 0 4-7c1.5 0 2.5 1 2.2 2.6L12.6 9H18c1.3 0 2.2 1.2 1.9 2.4l-1.6 6.9c-.2 1-1.1 1.7-2.1 1.7H7";
const DOWN = "M17 14V4h3v10zm0 0-4 7c-1.5 0-2.500-1-2.200-2.600L11.400 15H6c-1.300 0-2.200-1.200-1.900-2.400l1.600-6.900C5.900 4.700 6.800 4 7.800 4H17";

let models = [];      // as /v1/models tells them
let turns = [];       // {role, content, id, stopped, rating, element}
let running = null;   // the AbortController of the answer that comes

const log = $("log"), message = $("message");

async function facts() {
  const now = await served(facts, e =>
    fail(e instanceof TypeError ? "The service can't be reached. Is it still running? This page tries again." : sentence(e.message)));
  if (!now) return;
  models = now;
  const chosen = $("model").value || sessionStorage.getItem(CHOSEN);
  $("model").replaceChildren(...models.map(one => new Option(called(one), one.id)));
  if (models.some(one => one.id === chosen)) $("model").value = chosen;
  $("modelChoice").hidden = models.length < 2;
  choose();
  state("ready", "ready");
  paint();
}

/** A model's name in the list, with what it is beside others. */
function called(one) {
  return one.split ? `${one.id} (split of ${Object.keys(one.split).join(", ")})` : one.parent ? `${one.id} (adapter of ${one.parent})` : one.id;
}

function model() {
  return models.find(one => one.id === $("model").value) || models[0] || null;
}

function choose() {
  const now = model();
  if (!now) return;
  $("name").textContent = now.id;
  document.title = `${now.id} · Chat · Slipway`;
  const most = Math.max(16, Math.floor(now.max_model_len / 32) * 16);
  $("max_tokens").max = most;
  fail(now.chat === false ? "This model has no chat template, so that it can't hold a conversation; it continues texts." : "");
  settings();
}

function settings() {
  for (const name of SETTINGS) {
    const value = Number($(name).value);
    const words = name === "temperature" && value === 0 ? "greedy" : name === "top_k" && value === 0 ? "all" : String(value);
    document.querySelector(`label[for=${name}] output`).textContent = words;
    $(name).setAttribute("aria-valuetext", words);
  }
}

function paint() {
  const now = model();
  $("send").hidden = Boolean(running);
  $("stop").hidden = !running;
  $("send").disabled = !now || !message.value.trim();
  $("fresh").disabled = turns.length === 0;
  $("again").disabled = Boolean(running) || !now || turns.length === 0;
  $("again").textContent = turns.at(-1)?.role === "user" && !running ? "Try again" : "Answer again";
  $("empty").hidden = turns.length > 0;
  log.setAttribute("aria-busy", String(Boolean(running)));
}

/** A text as paragraphs and fenced blocks; nothing of it is ever read as HTML. */
function show(element, text) {
  element.replaceChildren();
  text.split(/^```[^\n]*\n?/m).forEach((part, i) => {
    if (i % 2 === 1) {
      const pre = document.createElement("pre");
      pre.tabIndex = 0;
      pre.setAttribute("aria-label", "Code");
      pre.dir = "ltr";
      pre.textContent = part.replace(/\n$/, "");
      element.append(pre);
    } else if (part.trim()) {
      const p = document.createElement("p");
      p.dir = "auto"; // by its own first letter, whatever the page's direction
      p.textContent = i === 0 ? part.replace(/\n$/, "") : part.replace(/^\n+|\n$/g, "");
      element.append(p);
    }
  });
}

function add(role, content) {
  const element = document.createElement("article");
  element.className = `turn ${role}`;
  const who = document.createElement("p");
  who.className = "who";
  who.textContent = role === "user" ? "You" : model() ? model().id : "Model";
  const said = document.createElement("div");
  said.className = "said";
  element.append(who, said);
  log.append(element);
  const turn = {role, content, id: null, stopped: false, rating: null, element};
  show(said, content);
  turns.push(turn);
  log.scrollTop = log.scrollHeight;
  return turn;
}

async function answer() {
  const now = model();
  if (running || !now) return;
  if (!$("seed").checkValidity()) { fail("The seed is a whole number, or nothing."); $("seed").focus(); return; }
  fail("");
  const body = {model: now.id, messages: [], stream: true};
  if ($("system").value.trim()) body.messages.push({role: "system", content: $("system").value.trim()});
  for (const turn of turns) body.messages.push({role: turn.role, content: turn.content});
  for (const name of SETTINGS) body[name] = Number($(name).value);
  if ($("seed").value.trim()) body.seed = Number($("seed").value);
  const turn = add("assistant", "");
  const said = turn.element.querySelector(".said");
  const controller = running = new AbortController();
  state("busy", "writing");
  paint();
  caret(said);
  try {
    const response = await post("/v1/chat/completions", body, controller.signal);
    if (!response.ok) throw new Error((await response.json()).error.message);
    const variant = response.headers.get("X-Slipway-Variant");
    if (variant && variant !== now.id) turn.element.querySelector(".who").textContent = `${now.id}, answered by ${variant}`;
    for await (const event of events(response.body)) {
      if (event.error) throw new Error(event.error.message);
      turn.id = event.id;
      const choice = event.choices[0];
      if (!choice) continue;
      if (choice.delta.content) {
        const follows = atEnd;
        turn.content += choice.delta.content;
        show(said, turn.content);
        caret(said);
        if (follows) log.scrollTop = log.scrollHeight;
      }
      if (choice.finish_reason === "length") turn.cut = true;
    }
    state("ready", "ready");
  } catch (e) {
    turn.stopped = true;
    if (e.name === "AbortError") {
      state("ready", "stopped");
    } else {
      fail(e instanceof TypeError ? "The service can't be reached. Is it still running?" : sentence(e.message));
      state("ready", "ready");
      if (e instanceof TypeError) facts();
    }
  } finally {
    running = null;
    if (!turn.content && turn.stopped) {
      turns.splice(turns.indexOf(turn), 1);
      turn.element.remove();
    } else {
      show(said, turn.content);
      marks(turn);
    }
    if (turns.length === 0) turn.element.remove();
    paint();
    log.scrollTop = log.scrollHeight;
  }
}

function caret(said) {
  const span = document.createElement("span");
  span.className = "caret";
  (said.lastElementChild || said).append(span);
}

/** What can be done with an answer: copy it, rate it, say what it should have been. */
function marks(turn) {
  const bar = document.createElement("div");
  bar.className = "marks";
  if (model() && model().feedback && turn.id && !turn.stopped) {
    bar.append(thumb(turn, "up", "Good answer", UP), thumb(turn, "down", "Bad answer", DOWN));
  }
  const copy = document.createElement("button");
  copy.type = "button";
  copy.textContent = "Copy";
  copy.addEventListener("click", async () => {
    copy.textContent = await copied(turn.content) ? "Copied" : "Not copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
  bar.append(copy);
  const note = document.createElement("span");
  note.setAttribute("role", "status");
  note.className = "note";
  note.textContent = turn.stopped ? "stopped" : turn.cut ? "the longest answer was reached" : "";
  bar.append(note);
  turn.element.append(bar);
}

/** Browsers give a page its clipboard over https and on this machine alone; the older way works elsewhere. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function thumb(turn, rating, name, path) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = rating;
  button.setAttribute("aria-label", name);
  button.title = name;
  button.setAttribute("aria-pressed", "false");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  button.append(svg);
  button.addEventListener("click", () => rate(turn, {rating}));
  return button;
}

async function rate(turn, said) {
  const note = turn.element.querySelector(".note");
  try {
    const response = await post("/v1/feedback", {id: turn.id, ...said});
    if (response.status === 401) { note.textContent = "Not stored."; return; }
    if (!response.ok) throw new Error((await response.json()).error.message);
  } catch (e) {
    note.textContent = e instanceof TypeError ? "The service can't be reached." : sentence(e.message);
    return;
  }
  turn.rating = said.rating;
  for (const name of ["up", "down"])
    turn.element.querySelector(`.${name}`).setAttribute("aria-pressed", String(said.rating === name));
  note.textContent = said.correction ? "Kept, thank you." : "Thank you.";
  if (said.rating === "down" && !said.correction) better(turn);
  else turn.element.querySelector(".better")?.remove();
}

/** Asks what a bad answer should have been. */
function better(turn) {
  if (turn.element.querySelector(".better")) return;
  const form = document.createElement("form");
  form.className = "better";
  const id = `better-${turn.id}`;
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = "What should it have said? (optional)";
  const text = document.createElement("textarea");
  text.id = id;
  text.rows = 4;
  text.value = turn.content;
  const row = document.createElement("div");
  const send = document.createElement("button");
  send.className = "go";
  send.textContent = "Send correction";
  const leave = document.createElement("button");
  leave.type = "button";
  leave.className = "quiet";
  leave.textContent = "Leave it";
  row.append(send, leave);
  form.append(label, text, row);
  form.addEventListener("submit", event => {
    event.preventDefault();
    if (text.value.trim()) rate(turn, {rating: "down", correction: text.value});
  });
  leave.addEventListener("click", () => { form.remove(); message.focus(); });
  turn.element.append(form);
  text.focus();
  form.scrollIntoView({block: "nearest"});
}

function send() {
  const words = message.value.trim();
  if (!words || running || !model()) return;
  message.value = "";
  grow();
  add("user", words);
  answer();
}

function again() {
  if (running) return;
  while (turns.length && turns.at(-1).role === "assistant") turns.pop().element.remove();
  answer();
}

function fresh() {
  if (running) running.abort();
  for (const turn of turns) turn.element.remove();
  turns = [];
  fail("");
  paint();
  message.focus();
}

function grow() {
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight + 2}px`;
  message.style.overflowY = message.scrollHeight > message.clientHeight ? "auto" : "hidden";
}

let atEnd = true;     // whether the last words are in sight, so that they stay there

log.addEventListener("scroll", () => { atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 60; });
new ResizeObserver(() => { grow(); if (atEnd) log.scrollTop = log.scrollHeight; }).observe(log);
$("composer").addEventListener("submit", event => { event.preventDefault(); send(); });
message.addEventListener("input", () => { grow(); paint(); });
message.addEventListener("keydown", event => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
document.addEventListener("keydown", event => { if (event.key === "Escape" && running) running.abort(); });
$("stop").addEventListener("click", () => running && running.abort());
$("again").addEventListener("click", again);
$("fresh").addEventListener("click", fresh);
$("model").addEventListener("change", () => { sessionStorage.setItem(CHOSEN, $("model").value); choose(); paint(); });
for (const name of SETTINGS) $(name).addEventListener("input", settings);
if (matchMedia("(max-width: 860px)").matches) $("settings").open = false;

settings();
paint();
facts();
message.focus();
